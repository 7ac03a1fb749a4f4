export interface Box<T> {
  readonly value: T;
}

export const shout = (count: number): string => 'hello'.toUpperCase() + count.toFixed(0);
