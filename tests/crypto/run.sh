. "$(dirname "$0")/../build/common.sh"
# Builds the program $1 and runs it. It must find no difference.
command -v openssl >/dev/null || { echo "no openssl command to compare with"; exit 77; }
cp "$(dirname "$1")"/*.js .
build "$(basename "$1")"
"$scratch/app"
