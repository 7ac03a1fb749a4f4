. "$(dirname "$0")/../build/common.sh"
# Hashes, keyed hashes and derived keys of known texts; random bytes that differ.
file main.js <<'JS'
const crypto = require('crypto');
const hash = (name, text) => crypto.createHash(name).update(text).digest('hex');
console.log(hash('md5', ''), hash('sha1', 'abc'));
console.log(hash('sha256', 'abc'));
const sum = crypto.createHash('sha512');
for (const letter of 'abc') sum.update(letter);
console.log(sum.copy().digest('base64url').slice(0, 20), sum.digest('hex').slice(0, 20));
console.log(crypto.createHmac('sha256', 'key').update('The quick brown fox jumps over the lazy dog').digest('hex'));
console.log(crypto.hash('sha1', 'abc', 'base64'), crypto.createHash('shake256', { outputLength: 4 }).digest('hex'));
console.log(crypto.pbkdf2Sync('password', 'salt', 2, 20, 'sha1').toString('hex'));
console.log(crypto.scryptSync('', '', 8, { N: 16, r: 1, p: 1 }).toString('hex'));
console.log(Buffer.from(crypto.hkdfSync('sha256', 'key', 'salt', 'info', 8)).length);
console.log(crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ab')));
console.log(crypto.randomBytes(16).equals(crypto.randomBytes(16)), crypto.randomUUID().length);
try { crypto.createHash('none'); } catch (error) { console.log(error.message); }
try { sum.update('more'); } catch (error) { console.log(error.code); }
JS
build main.js
expect <<'OUT'
d41d8cd98f00b204e9800998ecf8427e a9993e364706816aba3e25717850c26c9cd0d89d
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
3a81oZNherrMQXNJriBB ddaf35a193617abacc41
f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8
qZk+NkcGgWq6PiVxeFDCbJzQ2J0= 46b9dd2b
ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957
77d6576238657b20
8
true
false 36
Digest method not supported
ERR_CRYPTO_HASH_FINALIZED
OUT
