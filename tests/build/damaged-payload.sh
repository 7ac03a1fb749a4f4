# A damaged executable is refused: by the checks of the payload's header when it starts, or by `kiln inspect --verify`.
. "$(dirname "$0")/common.sh"
file base.js <<'JS'
exports.text = () => 'baked';
JS
file main.js <<'JS'
console.log(require('./base').text());
JS
build main.js --intl=none --evaluate=auto
expect baked <<<baked
cat >damage.py <<'PY'
import json, os, pathlib, random, shutil, subprocess, sys

kiln = os.environ["KILN"]
HEADER, SECTIONS = 80, 32   # bytes, of snapshot/format/payload_format.h
shutil.copy("app", "damaged")
info = json.loads(subprocess.check_output([kiln, "inspect", "app", "--json"]))
names = [section["name"] for section in info["sections"]]
if not info["baked"] or "modules" not in names:
    sys.exit(f"the executable has not the sections that this is about: {names}")
content = pathlib.Path("app").read_bytes()
payload = content.rfind(int(info["contentHash"], 16).to_bytes(8, "little")) - 40
if payload < 0 or content[payload:payload + 8] != b"KILNPAY1":
    sys.exit("the payload was not found")

def flip(at, bit):
    with open("damaged", "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))

def verified():
    done = subprocess.run([kiln, "inspect", "damaged", "--verify"], capture_output=True, text=True, errors="replace", timeout=60)
    if done.returncode not in (0, 1) or (done.returncode == 1) != ("damaged: " in done.stderr):
        sys.exit(f"inspect --verify ends with {done.returncode}: {done.stderr}")
    return done.returncode == 0

def started():
    """True if it starts, False if it is refused with a message. Anything else is an error."""
    done = subprocess.run([os.path.abspath("damaged")], capture_output=True, text=True, errors="replace", timeout=60)
    if done.returncode == 0 and done.stdout == "baked\n":
        return True
    if done.returncode == 78 and "kiln: this executable cannot start: " in done.stderr and not done.stdout:
        return False
    sys.exit(f"a start ends with {done.returncode}: {done.stdout} {done.stderr[:2000]}")

if not verified() or not started():
    sys.exit("the copy is refused")

# Each byte of the header. No check needs `zero`, and what follows the end of V8's version.
unused = {*range(20, 24), *range(48 + len(info["v8"]) + 1, HEADER)}
chance = random.Random(1)
for at in range(HEADER):
    flip(payload + at, bit := chance.randrange(8))
    if at in unused:
        if not started():
            sys.exit(f"byte {at} of the header is not used, but the start is refused")
    elif verified() and started():
        sys.exit(f"bit {bit} of byte {at} of the header is wrong, but nothing refuses it")
    flip(payload + at, bit)

# Bytes of all sections, and of the table of sections.
size = info["bytes"]
places = [*range(HEADER, HEADER + SECTIONS * len(names), 5), size - 1, *(chance.randrange(HEADER, size) for _ in range(60))]
for at in places:
    flip(payload + at, bit := chance.randrange(8))
    if verified():
        sys.exit(f"bit {bit} of byte {at} of the payload is wrong, but it is verified")
    flip(payload + at, bit)
if not verified() or pathlib.Path("damaged").read_bytes() != content:
    sys.exit("the copy is not as it was")

# Cut off anywhere.
for end in sorted([0, 4, 64, payload, payload + 8, payload + 79, payload + 300, payload + size // 2, payload + size - 1], reverse=True):
    os.truncate("damaged", end)
    if verified():
        sys.exit(f"{end} bytes of {len(content)} are verified")
PY
python3 damage.py
