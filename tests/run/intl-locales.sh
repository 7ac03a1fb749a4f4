. "$(dirname "$0")/../build/common.sh"
# What Intl knows of locales is what Node knows, above all of "en-US-u-va-posix", which runtime-stub/platform/posix_locale.cc
# gives to ICU by another name.
file main.js <<'JS'
const kinds = ['Collator', 'NumberFormat', 'DateTimeFormat', 'PluralRules', 'Segmenter', 'ListFormat', 'RelativeTimeFormat',
               'DisplayNames', 'DurationFormat'];
const tags = ['en-US-u-va-posix', 'en-US', 'en-u-va-posix', 'de-u-co-phonebk', 'en-US-posix', 'ar-u-nu-latn', 'zh-Hant-TW',
              'zh-TW', 'nb', 'no', 'sr-Latn-RS', 'xx-u-va-posix'];
for (const kind of kinds) {
  for (const tag of tags) {
    const options = { type: kind === 'DisplayNames' ? 'region' : undefined, timeZone: 'UTC' };
    console.log(kind, tag, Intl[kind].supportedLocalesOf(tag).join(),
                JSON.stringify(new Intl[kind](tag, options).resolvedOptions()));
  }
}
console.log(new Intl.Locale('en-US-u-va-posix').toString(), Intl.getCanonicalLocales(['en-us-u-va-posix', 'EN-us-POSIX']).join());
const words = ['a', 'B', 'ä', 'b', '-', '_'];
console.log(words.toSorted(new Intl.Collator('en-US-u-va-posix').compare).join(), words.toSorted((x, y) => x.localeCompare(y)).join());
JS
build main.js
for locale in en_US.UTF-8 en_US_POSIX C de_DE@collation=phonebook; do
  same "with LC_ALL=$locale" "$(LC_ALL=$locale "$KILN_NODE" main.js)" "$(LC_ALL=$locale run)"
done
