'use strict';
// Functions based on SHAKE in Web Crypto: KMAC compared with the `openssl` command, the others with
// published vectors (cSHAKE: NIST's samples for SP 800-185; TurboSHAKE, KangarooTwelve: RFC 9861).

const { openssl, same, bytes } = require('./openssl.js');
const { subtle } = globalThis.crypto;

// The pattern of RFC 9861: 00 01 … FA, repeated.
const ptn = (size) => Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
const count = (size) => Buffer.from(Array.from({ length: size }, (_, i) => i));

async function kmac() {
  for (const bits of [128, 256]) {
    for (const [keySize, custom, size] of [[16, '', 32], [32, 'My Tagged App', 64], [64, 'x', 7]]) {
      const name = `KMAC${bits}`;
      const raw = bytes(keySize, 2);
      const theirs = openssl([
        'mac', '-macopt', `hexkey:${raw.toString('hex')}`, '-macopt', `custom:${custom}`,
        '-macopt', `size:${size}`, '-binary', name], bytes(200, 3));
      const key = await subtle.importKey('raw-secret', raw, { name }, false, ['sign', 'verify']);
      const algorithm =
          { name, customization: Buffer.from(custom), outputLength: size * 8 };
      same(name, await subtle.sign(algorithm, key, bytes(200, 3)), theirs);
      same(`${name} verifies`, await subtle.verify(algorithm, key, theirs, bytes(200, 3)), true);
      theirs[0] ^= 1;
      same(`${name} refuses`, await subtle.verify(algorithm, key, theirs, bytes(200, 3)), false);
    }
  }
}

async function digests() {
  for (const [algorithm, message, expected] of [
    [{ name: 'cSHAKE128', customization: Buffer.from('Email Signature'), outputLength: 256 },
     count(4), 'c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5'],
    [{ name: 'cSHAKE128', customization: Buffer.from('Email Signature'), outputLength: 256 },
     count(200), 'c5221d50e4f822d96a2e8881a961420f294b7b24fe3d2094baed2c6524cc166b'],
    [{ name: 'TurboSHAKE128', outputLength: 256 }, ptn(0),
     '1e415f1c5983aff2169217277d17bb538cd945a397ddec541f1ce41af2c1b74c'],
    [{ name: 'TurboSHAKE128', outputLength: 256 }, ptn(17 ** 4),
     'da67c7039e98bf530cf7a37830c6664e14cbab7f540f58403b1b82951318ee5c'],
    [{ name: 'TurboSHAKE128', outputLength: 256, domainSeparation: 0x0b },
     Buffer.alloc(7, 0xff), '8deeaa1aec47ccee569f659c21dfa8e112db3cee37b18178b2acd805b799cc37'],
    [{ name: 'TurboSHAKE256', outputLength: 512 }, ptn(17 ** 2),
     '66b810db8e90780424c0847372fdc95710882fde31c6df75beb9d4cd9305cfca' +
     'e35e7b83e8b7e6eb4b78605880116316fe2c078a09b94ad7b8213c0a738b65c0'],
    [{ name: 'KT128', outputLength: 256 }, ptn(0),
     '1ac2d450fc3b4205d19da7bfca1b37513c0803577ac7167f06fe2ce1f0ef39e5'],
    [{ name: 'KT128', outputLength: 256 }, ptn(17 ** 5),
     '844d610933b1b9963cbdeb5ae3b6b05cc7cbd67ceedf883eb678a0a8e0371682'],
    [{ name: 'KT128', outputLength: 256, customization: ptn(41) }, Buffer.alloc(1, 0xff),
     'd848c5068ced736f4462159b9867fd4c20b808acc3d5bc48e0b06ba0a3762ec4'],
    [{ name: 'KT128', outputLength: 256 }, ptn(8191),  // the longest of one chunk
     '1b577636f723643e990cc7d6a659837436fd6a103626600eb8301cd1dbe553d6'],
    [{ name: 'KT128', outputLength: 256 }, ptn(8192),
     '48f256f6772f9edfb6a8b661ec92dc93b95ebd05a08a17b39ae3490870c926c3'],
    [{ name: 'KT256', outputLength: 512 }, ptn(8192),
     'c6ee8e2ad3200c018ac87aaa031cdac22121b412d07dc6e0dccbb53423747e9a' +
     '1c18834d99df596cf0cf4b8dfafb7bf02d139d0c9035725adc1a01b7230a41fa'],
  ]) {
    same(`${algorithm.name} of ${message.length} bytes`,
         await subtle.digest(algorithm, message), expected);
  }
}

kmac().then(digests);
