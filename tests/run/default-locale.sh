. "$(dirname "$0")/../build/common.sh"
# The default locale follows LC_ALL, LC_MESSAGES and LANG as under node, and a value that is no
# locale does not end the process (it ends node with SIGSEGV).
file main.js <<'JS'
const formatter = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', dateStyle: 'long' });
console.log(formatter.resolvedOptions().locale, formatter.format(0), (1234567.891).toLocaleString());
console.log(navigator.language, navigator.languages, new Intl.NumberFormat().resolvedOptions().locale);
console.log(['z', 'ä', 'a'].sort(Intl.Collator().compare).join(''), 'I'.toLocaleLowerCase(), new Intl.PluralRules().select(2));
console.log(new Intl.ListFormat().format(['a', 'b']), 'ä'.localeCompare('z'), new Date(0).toLocaleTimeString(undefined, { timeZone: 'UTC' }));
JS
build main.js
node=${KILN_NODE:?set KILN_NODE to a node of the same version}

long() { printf "$1%.0s" {1..300}; }
crashes=0
# One setting each; `printf` makes what a line cannot hold.
while IFS= read -r setting; do
  setting=$(printf "${setting/LONG/$(long "${setting##*=}")}")
  setting=${setting:0:400}
  status=0
  want=$(env -i "$setting" "$node" main.js 2>&1) || status=$?
  got=$(env -i "$setting" ./app 2>&1) || { echo "with $setting the app ends with status $?" >&2; exit 1; }
  if ((status)); then
    crashes=$((crashes + 1))
    want=$(env -i LC_ALL=C "$node" main.js)
  fi
  same "with $setting" "$want" "$got"
done <<'SETTINGS'
LANG=de_DE.UTF-8
LANG=zh_CN.UTF-8
LC_ALL=en_GB.UTF-8
LC_MESSAGES=fr_FR
LC_CTYPE=fr_FR
LANG=
LANG=C
LANG=C.UTF-8
LC_ALL=POSIX
LC_ALL=POSIX.UTF-8
LC_ALL=en_US_POSIX
LC_ALL=xx_YY
LC_ALL=sr_RS@latin
LC_ALL=en_US.UTF-8@calendar=buddhist
LC_ALL=ja_JP_TRADITIONAL
LC_ALL=no_NO_NY
LC_ALL=i-default
LC_ALL=x-private
LC_ALL=zh-Hans-CN
LC_ALL=en US
LC_ALL=C@x
LC_ALL=a
LC_ALL=@
LC_ALL=..
LC_ALL=\377\376
LC_ALL=not a locale!!
LANG=LONGa
LC_ALL=LONGa_
LC_ALL=LONGab-
LC_ALL=en_US@LONGx
LC_ALL=en_US@key=LONGb
LC_MESSAGES=LONG/
SETTINGS
((crashes >= 4)) || { echo "node ended with an error in $crashes cases only" >&2; exit 1; }
# Several variables: LC_ALL, then LC_MESSAGES, then LANG.
for order in "LANG=de_DE LC_ALL=ja_JP.UTF-8 LC_MESSAGES=fr_FR" "LANG=de_DE LC_MESSAGES=fr_FR" "LC_ALL= LANG=de_DE"; do
  same "with $order" "$(env -i $order "$node" main.js)" "$(env -i $order ./app)"
done
# The tool and the snapshot builder survive it too.
LC_ALL='not a locale!!' LANG='not a locale!!' "$KILN" build main.js -o again >log 2>&1 || { cat log >&2; exit 1; }
same "an app that was built in such an environment" "$(env -i LANG=de_DE ./app)" "$(env -i LANG=de_DE ./again)"
