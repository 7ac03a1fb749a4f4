// LLVM's linker as a function: the only code of Kiln that uses LLVM.
//
// lld can write to standard output (`-o -`): then it keeps the file in memory and does not create
// one. Kiln uses that to give it a file without a name: descriptor 1 is that file during the call.
// lld also removes an older file with the name of its output, "-" here, in the working directory;
// so the working directory is / during the call.
//
// lld initialises every back end of LLVM, for link-time optimization that Kiln does not
// use. Defining these functions as empty keeps the back ends out: 29 MB instead of 109.
#include "compiler/lld.h"

#include <fcntl.h>
#include <unistd.h>

#include "lld/Common/Driver.h"
#include "llvm/Passes/PassPlugin.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

extern "C" {
#define LLVM_TARGET(name)                    \
  void LLVMInitialize##name##TargetInfo() {} \
  void LLVMInitialize##name##Target() {}     \
  void LLVMInitialize##name##TargetMC() {}
#include "llvm/Config/Targets.def"
#define LLVM_ASM_PRINTER(name) \
  void LLVMInitialize##name##AsmPrinter() {}
#include "llvm/Config/AsmPrinters.def"
#define LLVM_ASM_PARSER(name) \
  void LLVMInitialize##name##AsmParser() {}
#include "llvm/Config/AsmParsers.def"
}

// An optional part of the optimizer that the linker library refers to.
llvm::PassPluginLibraryInfo getPollyPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "none", "0", [](llvm::PassBuilder&) {}};
}

namespace kiln {

Result<> RunLld(const std::vector<std::string>& arguments, int fd) {
  std::vector<const char*> args = {"ld.lld"};
  for (const std::string& argument : arguments) args.push_back(argument.c_str());
  args.push_back("-o");
  args.push_back("-");

  std::string out, err;
  llvm::raw_string_ostream out_stream(out), err_stream(err);
  std::fflush(stdout);
  int working_directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int saved = fcntl(1, F_DUPFD_CLOEXEC, 3);  // may be closed; then it is closed again afterwards
  if (chdir("/") != 0 || dup2(fd, 1) != 1) return SystemError("Cannot link", "", errno);

  // Without this, an error that lld calls fatal would end the whole process, silently.
  llvm::CrashRecoveryContext::Enable();
  lld::Result result = lld::lldMain(args, out_stream, err_stream, {{lld::Gnu, &lld::elf::link}});
  llvm::CrashRecoveryContext::Disable();
  llvm::outs().flush();
  std::error_code write_error = llvm::outs().error();
  llvm::outs().clear_error();

  if (saved >= 0) {
    dup2(saved, 1);
    close(saved);
  } else {
    close(1);
  }
  if (working_directory >= 0) {
    if (fchdir(working_directory) != 0) return SystemError("Cannot return from /", "", errno);
    close(working_directory);
  }
  if (write_error) {
    Error error = {"Cannot write the executable: " + write_error.message()};
    if (write_error == std::errc::no_space_on_device)
      error.notes.push_back("Free some space, or choose another place with -o.");
    return error;
  }
  if (result.retCode != 0) {
    Error error = {"Cannot link the executable"};
    error.notes.push_back(err.empty() ? "The linker gave no reason." : err);
    return error;
  }
  return {};
}

}  // namespace kiln
