'use strict';
// Certificates made by the `openssl` command, read by X509Certificate: every field is compared with
// the command's output. Also SPKAC, which the command creates and Certificate reads.

const crypto = require('node:crypto');
const { openssl, file, same } = require('./openssl.js');

const subject = '/C=CZ/O=Žluť a.s./OU=a,b/CN=kiln.example/emailAddress=me@kiln.example';
const names = 'subjectAltName=DNS:kiln.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1,email:me@kiln.example,URI:https://kiln.example/';
const key = file(openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']));

for (const [what, genpkey] of [['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
                               ['EC', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
                               ['Ed25519', ['-algorithm', 'Ed25519']]]) {
  const caKey = file(openssl(['genpkey', ...genpkey]));
  const caPem = openssl(['req', '-x509', '-new', '-key', caKey, '-days', '30', '-subj', '/CN=authority', '-utf8',
                         '-addext', 'keyUsage=keyCertSign,digitalSignature']);
  const request = file(openssl(['req', '-new', '-key', key, '-subj', subject, '-utf8', '-addext', names,
                                '-addext', 'extendedKeyUsage=serverAuth,clientAuth',
                                '-addext', 'authorityInfoAccess=OCSP;URI:http://ocsp.example/']));
  const pem = openssl(['x509', '-req', '-in', request, '-CA', file(caPem), '-CAkey', caKey, '-set_serial', '0x0123456789abcdef',
                       '-days', '10', '-copy_extensions', 'copyall']);
  const path = file(pem);
  const ask = (...args) => openssl(['x509', '-in', path, '-noout', ...args]).toString().trim();
  const value = (...args) => ask(...args).replace(/^[^=]*=/, '');
  const certificate = new crypto.X509Certificate(pem);
  const authority = new crypto.X509Certificate(caPem);

  for (const digest of ['sha1', 'sha256', 'sha512'])
    same(`${what}, ${digest}`, certificate[`fingerprint${digest === 'sha1' ? '' : digest.slice(3)}`], value('-fingerprint', `-${digest}`));
  same(`${what}, serial`, certificate.serialNumber, value('-serial').replace(/^0(?=\d)/, '0'));
  same(`${what}, start`, Date.parse(certificate.validFrom), Date.parse(value('-startdate')));
  same(`${what}, end`, certificate.validToDate.getTime(), Date.parse(value('-enddate')));
  const lines = (option) => ask(option, '-nameopt', 'multiline,utf8,-esc_msb,-align,sname').split('\n').slice(1)
    .map((line) => line.trim().replace(/^(\w+) ?= ?/, '$1='));
  same(`${what}, subject`, certificate.subject.replace(/\\,/g, ','), lines('-subject').join('\n'));
  same(`${what}, issuer`, certificate.issuer, lines('-issuer').join('\n'));
  same(`${what}, names`, certificate.subjectAltName.replace(/IP Address:/g, 'IP:'),
       ask('-ext', 'subjectAltName').split('\n')[1].trim().replace(/IP Address:/g, 'IP:'));
  same(`${what}, DER`, certificate.raw, openssl(['x509', '-in', path, '-outform', 'DER']));
  same(`${what}, PEM`, certificate.toString().trim(), openssl(['x509', '-in', path]).toString().trim());
  same(`${what}, public key`, certificate.publicKey.export({ type: 'spki', format: 'pem' }).trim(), ask('-pubkey'));
  same(`${what}, uses`, certificate.keyUsage.join(), '1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2');
  same(`${what}, OCSP`, certificate.infoAccess.trim(), 'OCSP - URI:http://ocsp.example/');
  same(`${what}, issued`, certificate.checkIssued(authority) && !authority.checkIssued(certificate), true);
  same(`${what}, verified`, certificate.verify(authority.publicKey), true);
  same(`${what}, verified with another key`, certificate.verify(certificate.publicKey), false);
  same(`${what}, private key`, certificate.checkPrivateKey(crypto.createPrivateKey(openssl(['pkey', '-in', key]))), true);
  same(`${what}, another private key`, certificate.checkPrivateKey(crypto.createPrivateKey(openssl(['pkey', '-in', caKey]))), false);
  same(`${what}, authority`, `${authority.ca} ${certificate.ca}`, 'true false');
  for (const host of ['kiln.example', 'a.wild.example', 'a.b.wild.example', 'wild.example', 'other.example']) {
    const theirs = !/does NOT match/.test(ask('-checkhost', host));
    same(`${what}, ${host}`, certificate.checkHost(host) !== undefined, theirs);
  }
  for (const ip of ['127.0.0.1', '::1', '127.0.0.2'])
    same(`${what}, ${ip}`, certificate.checkIP(ip) !== undefined, !/does NOT match/.test(ask('-checkip', ip)));
  for (const email of ['me@kiln.example', 'you@kiln.example'])
    same(`${what}, ${email}`, certificate.checkEmail(email) !== undefined, !/does NOT match/.test(ask('-checkemail', email)));
}

const rsa = file(openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']));
const spkac = openssl(['spkac', '-key', rsa, '-challenge', 'a challenge']).toString().replace(/^SPKAC=/, '').trim();
same('SPKAC', crypto.Certificate.verifySpkac(spkac), true);
same('SPKAC, challenge', crypto.Certificate.exportChallenge(spkac).toString(), 'a challenge');
same('SPKAC, key', crypto.Certificate.exportPublicKey(spkac).toString().trim(), openssl(['pkey', '-in', rsa, '-pubout']).toString().trim());
const changed = Buffer.from(spkac, 'base64');
changed[changed.length - 1] ^= 1;
same('SPKAC, changed', crypto.Certificate.verifySpkac(changed.toString('base64')), false);
