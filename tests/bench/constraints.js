// Keeps values consistent under constraints of different strength, after the idea of the
// DeltaBlue benchmark: when one is added or removed, only what depends on it is planned and
// computed again. It measures virtual calls in class trees, Sets, Maps and closures.
'use strict';

const measure = require('./measure.js');

const REQUIRED = 0;
const PREFERRED = 2;
const WEAK = 4;
const NONE = 5;

class Variable {
  constructor(name, value) {
    this.name = name;
    this.value = value;
    this.constraints = new Set();
    this.by = null; // the constraint that determines it
    this.strength = NONE;
    this.mark = 0;
  }
}

class Constraint {
  constructor(strength, ...variables) {
    this.strength = strength;
    this.variables = variables;
    this.output = null;
  }
  canWrite() { return this.variables; }
  inputs() { return this.variables.filter((variable) => variable !== this.output); }
  compute() {}
}

class Stay extends Constraint {}

class Edit extends Constraint {
  constructor(strength, variable) {
    super(strength, variable);
    this.next = variable.value;
  }
  compute() { this.output.value = this.next; }
}

class Equal extends Constraint {
  compute() {
    const [a, b] = this.variables;
    if (this.output === a) a.value = b.value;
    else b.value = a.value;
  }
}

// b = a * scale + offset, either way.
class Scale extends Constraint {
  constructor(strength, a, b, scale, offset) {
    super(strength, a, b);
    this.scale = scale;
    this.offset = offset;
  }
  compute() {
    const [a, b] = this.variables;
    if (this.output === b) b.value = a.value * this.scale + this.offset;
    else a.value = Math.trunc((b.value - this.offset) / this.scale);
  }
}

class Planner {
  constructor() { this.mark = 0; }

  add(constraint) {
    for (const variable of constraint.variables) variable.constraints.add(constraint);
    let next = constraint;
    this.mark++;
    while (next !== null) next = this.satisfy(next);
  }

  // Lets a constraint determine its weakest variable; returns the constraint that it replaced.
  satisfy(constraint) {
    let output = null;
    for (const variable of constraint.canWrite()) {
      if (variable.mark === this.mark || variable.strength <= constraint.strength) continue;
      if (output === null || variable.strength > output.strength) output = variable;
    }
    if (output === null) {
      if (constraint.strength === REQUIRED) throw new Error('a required constraint cannot hold');
      return null;
    }
    for (const input of constraint.variables) {
      if (input !== output) input.mark = this.mark;
    }
    const pushed = output.by;
    if (pushed !== null) pushed.output = null;
    constraint.output = output;
    output.by = constraint;
    this.propagate(constraint);
    output.mark = this.mark;
    return pushed;
  }

  // Strengths first, then values, along everything that depends on the output.
  propagate(constraint) {
    for (const step of this.plan([constraint])) {
      let strength = step.strength;
      for (const input of step.inputs()) strength = Math.max(strength, input.strength);
      step.output.strength = strength;
      step.compute();
    }
  }

  plan(sources) {
    const steps = [];
    const seen = new Set(sources);
    const queue = [...sources];
    for (let i = 0; i < queue.length; i++) {
      const step = queue[i];
      steps.push(step);
      for (const user of step.output.constraints) {
        if (user.output !== null && user.output !== step.output && !seen.has(user)) {
          seen.add(user);
          queue.push(user);
        }
      }
    }
    return steps;
  }

  remove(constraint) {
    const { output } = constraint;
    for (const variable of constraint.variables) variable.constraints.delete(constraint);
    if (output === null) return;
    constraint.output = null;
    output.by = null;
    output.strength = NONE;
    this.mark++;
    const waiting = [...output.constraints].filter((other) => other.output === null);
    waiting.sort((a, b) => a.strength - b.strength);
    for (const other of waiting) {
      let next = other;
      while (next !== null) next = this.satisfy(next);
    }
  }
}

function chain(length) {
  const planner = new Planner();
  const variables = Array.from({ length: length + 1 }, (_, i) => new Variable(`v${i}`, 0));
  for (let i = 0; i < length; i++) planner.add(new Equal(REQUIRED, variables[i], variables[i + 1]));
  planner.add(new Stay(WEAK, variables[length]));
  const edit = new Edit(PREFERRED, variables[0]);
  planner.add(edit);
  const plan = planner.plan([edit]);
  let check = 0;
  for (let i = 0; i < 100; i++) {
    edit.next = i;
    for (const step of plan) step.compute();
    check += variables[length].value;
  }
  planner.remove(edit);
  return check;
}

function projection(count) {
  const planner = new Planner();
  const pairs = [];
  for (let i = 0; i < count; i++) {
    const from = new Variable(`from${i}`, i);
    const to = new Variable(`to${i}`, i);
    planner.add(new Stay(WEAK, from));
    planner.add(new Scale(REQUIRED, from, to, 10, 1000));
    pairs.push([from, to]);
  }
  let check = 0;
  for (const [from, to] of pairs) {
    for (const [changed, other] of [[from, to], [to, from]]) {
      const edit = new Edit(PREFERRED, changed);
      edit.next = changed.value + 70;
      planner.add(edit);
      edit.compute();
      for (const step of planner.plan([edit])) step.compute();
      check += other.value;
      planner.remove(edit);
    }
  }
  return check;
}

measure('constraints', 60, () => (chain(600) + projection(2000)) | 0);
