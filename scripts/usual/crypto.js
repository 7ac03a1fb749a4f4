// when: library internal/crypto/hash Hash
// when: library internal/crypto/random randomBytes
const crypto = require('node:crypto');

crypto.createHash('sha256').update('a').update(Buffer.from('b')).digest('hex');
crypto.createHmac('sha256', 'key').update('a').digest('base64');
crypto.randomBytes(16).toString('hex');
crypto.randomBytes(16, () => {});
crypto.randomUUID();
crypto.randomInt(10);
crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a'));
