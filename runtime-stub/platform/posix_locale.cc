// Makes the first use of an Intl constructor cheaper, by 61 million instructions. For its list of locales V8 makes an
// icu::Locale of each name, and one of them, "en-US-u-va-posix", has an extension. To translate that, ICU reads
// its tables of all keys and types (uloc_keytype.cpp, initFromResourceBundle): it compares each of the 430 time
// zones with each of 180 other names. The result is the locale "en_US_POSIX", so V8 gets that by its own name. The linker's
// --wrap (kiln_wrapped_functions in link.cmake) directs V8's calls to the functions below. Code that asks for a locale
// with another extension makes ICU read the tables, as before.
#include <v8.h>

#include <cstring>

static_assert(
    V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
    "another V8: look whether ICU is still 77 and Intl::BuildLocaleSet() still does this");

namespace {

// icu::Locale, which is returned as an object with a destructor is.
class Locale {
 public:
  Locale(const Locale&) = delete;
  ~Locale();
};

const char* ShortName(const char* name) {
  return name && std::strcmp(name, "en-US-u-va-posix") == 0 ? "en_US_POSIX" : name;
}

}  // namespace

extern "C" {
// Locale::Locale(const char* language, const char* country, const char* variant, const char* keywords)
void __real__ZN6icu_776LocaleC1EPKcS2_S2_S2_(Locale*, const char*, const char*, const char*,
                                             const char*);
void __wrap__ZN6icu_776LocaleC1EPKcS2_S2_S2_(Locale* locale, const char* language,
                                             const char* country, const char* variant,
                                             const char* keywords) {
  if (!country && !variant && !keywords) language = ShortName(language);
  __real__ZN6icu_776LocaleC1EPKcS2_S2_S2_(locale, language, country, variant, keywords);
}

// static Locale Locale::createCanonical(const char* name)
Locale __real__ZN6icu_776Locale15createCanonicalEPKc(const char*);
Locale __wrap__ZN6icu_776Locale15createCanonicalEPKc(const char* name) {
  return __real__ZN6icu_776Locale15createCanonicalEPKc(ShortName(name));
}
}
