interface Array<T> { length: number; [index: number]: T }
interface Boolean {}
interface CallableFunction {}
interface Function {}
interface IArguments {}
interface NewableFunction {}
interface Number { toFixed(digits?: number): string }
interface Object {}
interface RegExp {}
interface String { length: number; toUpperCase(): string }
