import { shout, type Box } from './b';

abstract class Shape {
  constructor(protected readonly name: string) {}
  abstract area(): number;
}

class Square extends Shape {
  #side: number;
  constructor(side: number) {
    super('square');
    this.#side = side;
  }
  area(): number {
    return this.#side * this.#side;
  }
}

const box: Box<number> = { value: 3 };
export const lines: string[] = [shout(box.value), new Square(2).area().toFixed(1)];
