'use strict';

exports.requireOften = (n) => {
  let x = 0;
  for (let i = 0; i < n; i++) x += require('./one.cjs').value;
  return x;
};
