// The slots of Env: JavaScript values that native code keeps and that must be in a snapshot. Each
// is an embedder data field of the main context, read and set by Env::Get() and Env::Set(). A
// snapshot refers to slots by number: builder and executable must be compiled from the same list,
// so add new names at the end of their group and rebuild both.
//
// A slot that was never set holds undefined. The groups: objects of the realm that boot sets once
// (thread/boot.cc); functions that Node's library passes to setters of internalBinding(), most of
// them while it boots; typed arrays that native code creates on first use; and values that one
// binding keeps. An app's other vm contexts have no slots: code that runs in one of them still
// reads those of the main context.
#pragma once

namespace kiln::runtime {

// clang-format off
#define KILN_SLOTS(V) \
  /* realm */ \
  V(Process) V(Primordials) V(InternalBinding) V(Require) V(GetInternalBinding) \
  V(PerContextExports) V(PrivateSymbols) V(PerIsolateSymbols) V(BindingCache) V(Templates) \
  V(AppFunction) V(AppExports) \
  /* callbacks that JavaScript registers (docs/node-library.md) */ \
  V(PrepareStackTrace) V(EnhanceStackBefore) V(EnhanceStackAfter) V(MaybeCacheSourceMap) \
  V(GetSourceMapErrorSource) V(EmitWarningSync) V(TickCallback) V(PromiseReject) \
  V(ProcessImmediate) V(ProcessTimers) V(AsyncHookInit) V(AsyncHookBefore) V(AsyncHookAfter) \
  V(AsyncHookDestroy) V(AsyncHookPromiseResolve) V(CallbackTrampoline) V(PromiseHookInit) \
  V(PromiseHookBefore) V(PromiseHookAfter) V(PromiseHookSettled) V(BufferPrototype) \
  V(ImportModuleDynamically) V(InitializeImportMeta) V(DeserializerCreateObject) \
  V(EmitMessage) V(DomException) V(TraceCategoryHandler) V(PerformanceObservers) \
  V(WasmStreaming) V(SnapshotSerialize) V(SnapshotDeserialize) V(SnapshotMain) V(AppStart) \
  V(InspectorEnable) V(InspectorDisable) V(NetworkEnable) V(NetworkDisable) V(ConsoleExtension) V(LazyPathHelpers) \
  V(CoverageDirectory) V(SourceMapCacheGetter) \
  /* arrays shared with JavaScript: SharedArray (docs/node-library.md) */ \
  V(AsyncHookFields) V(AsyncIdFields) V(AsyncIdsStack) V(ExecutionAsyncResources) V(TickInfo) \
  V(ImmediateInfo) V(TimeoutInfo) V(ExitInfo) V(StreamBaseState) V(AbortToggle) \
  V(HrtimeBuffer) V(Milestones) V(ObserverCounts) V(StatValues) V(BigintStatValues) \
  V(StatFsValues) V(BigintStatFsValues) V(UrlComponents) V(EncodeIntoResults) \
  V(BuildingSnapshot) V(ChannelSubscribers) V(HeapStatistics) V(HeapCodeStatistics) \
  V(HeapSpaceStatistics) V(TraceCategoryBuffer) V(ChannelNames) \
  /* values of single bindings */ \
  V(FsUsePromises) V(ModuleWrapState) V(ContextifyState) V(MessagingState) V(UtilState) \
  V(CryptoKeyClasses) V(Http2Shared) V(BundledModuleWraps) V(CompiledLibrary) V(ReportTlsWrites) \
  V(EnvMessagePort)
// clang-format on

// kCount is the number of slots, not a slot.
enum class Slot : int {
#define V(name) k##name,
  KILN_SLOTS(V)
#undef V
      kCount
};

}  // namespace kiln::runtime
