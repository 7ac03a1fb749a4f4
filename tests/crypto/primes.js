'use strict';
// Primes: the `openssl` command accepts ours, we accept the command's, and both reject products.

const crypto = require('node:crypto');
const { openssl, same } = require('./openssl.js');

const isPrime = (value) => / is prime/.test(openssl(['prime', value.toString(10)]).toString());

for (const bits of [16, 64, 256, 512]) {
  const ours = crypto.generatePrimeSync(bits, { bigint: true });
  same(`a prime of ${bits} bits`, isPrime(ours), true);
  same(`a prime of ${bits} bits, its size`, ours.toString(2).length, bits);
  const theirs = BigInt(openssl(['prime', '-generate', '-bits', `${bits}`]).toString().trim());
  same(`theirs of ${bits} bits`, crypto.checkPrimeSync(theirs), true);
  same('a product', crypto.checkPrimeSync(ours * theirs), false);
  same('a product to them', isPrime(ours * theirs), false);
}
const safe = crypto.generatePrimeSync(128, { safe: true, bigint: true });
same('a safe prime', isPrime(safe) && isPrime((safe - 1n) / 2n), true);
same('theirs, safe', crypto.checkPrimeSync(
  (BigInt(openssl(['prime', '-generate', '-safe', '-bits', '128']).toString().trim()) - 1n) / 2n), true);
const fitting = crypto.generatePrimeSync(64, { add: 30n, rem: 7n, bigint: true });
same('a prime of 30n + 7', isPrime(fitting) && fitting % 30n === 7n, true);
// Carmichael numbers pass Fermat's test but are composite.
for (const number of [561n, 41041n, 825265n, 3215031751n])
  same(`${number}`, crypto.checkPrimeSync(number), isPrime(number));
