// when: library buffer from
// when: library buffer alloc
// when: library buffer concat
// when: library buffer toString
const bytes = Buffer.concat([Buffer.from('text'), Buffer.from('6869', 'hex'), Buffer.from('aGk=', 'base64'), Buffer.alloc(9, 'ab')]);
for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'base64url']) bytes.toString(encoding);
bytes.subarray(1, 3).equals(bytes.slice(0, 2));
bytes.readUInt32BE(0);
bytes.readUInt16LE(0);
bytes.writeUInt32LE(1, 4);
bytes.writeUInt8(1, 0);
bytes.indexOf('x');
bytes.write('ab', 1);
bytes.copy(Buffer.allocUnsafe(4), 0, 0, 4);
Buffer.byteLength('ä');
Buffer.compare(bytes, Buffer.from('a'));
new TextDecoder().decode(new TextEncoder().encode('ä'));
