console.log(Object.getOwnPropertyDescriptor(console,'Console'), Object.keys(console).join());
