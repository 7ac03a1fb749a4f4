# Sourced by the scripts here: certificates for a test, made with the `openssl` command in the
# current folder. Each of these writes NAME.key and NAME.pem.

# openssl_quietly ARGS…: openssl, whose output is shown only if it fails.
openssl_quietly() {
  local output
  output=$(openssl "$@" 2>&1) || { printf 'openssl %s failed:\n%s\n' "$*" "$output" >&2; return 1; }
}

# authority NAME: a self-signed certificate authority.
authority() {
  openssl_quietly req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

# certificate NAME SUBJECT [AUTHORITY [OPTION…]]: with the subject as its only DNS name, signed by
# the authority `ca` if no other is named. The options are those of `openssl x509 -req`.
certificate() {
  local name=$1 subject=$2 by=${3:-ca}
  shift $(($# < 3 ? $# : 3))
  local kind=(ec -pkeyopt ec_paramgen_curve:P-256)
  [[ $name == rsa* ]] && kind=(rsa:2048)
  openssl_quietly req -newkey "${kind[@]}" -nodes -subj "/CN=$subject" \
    -addext "subjectAltName=DNS:$subject,IP:127.0.0.1" -keyout "$name.key" -out "$name.csr"
  openssl_quietly x509 -req -in "$name.csr" -CA "$by.pem" -CAkey "$by.key" -days 30 -copy_extensions copy \
    "$@" -out "$name.pem"
}

# revoked AUTHORITY NAME…: AUTHORITY.crl, which revokes these certificates.
revoked() {
  local by=$1 name
  shift
  : >"$by.index"
  printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s.index\ndefault_md=sha256\ndefault_crl_days=30\n' "$by" >"$by.conf"
  local ca=(openssl_quietly ca -config "$by.conf" -cert "$by.pem" -keyfile "$by.key")
  for name; do "${ca[@]}" -revoke "$name.pem"; done
  "${ca[@]}" -gencrl -out "$by.crl"
}
