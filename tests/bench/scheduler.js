// A small model of an operating system's scheduler, after the Richards benchmark: tasks
// of several classes pass packets through queues, by priority. It measures method calls that
// change class from call to call, property reads and writes, and short-lived objects.
'use strict';

const measure = require('./measure.js');

const WAITING = 0;
const READY = 1;
const HELD = 2;

class Packet {
  constructor(kind, size) {
    this.kind = kind;
    this.next = null;
    this.owner = 0;
    this.sum = 0;
    this.data = new Array(size).fill(0);
  }
}

class Task {
  constructor(system, id, priority) {
    this.system = system;
    this.id = id;
    this.priority = priority;
    this.state = READY;
    this.head = null;
    this.tail = null;
    this.runs = 0;
  }
  receive(packet) {
    packet.next = null;
    if (this.tail === null) this.head = packet;
    else this.tail.next = packet;
    this.tail = packet;
    if (this.state === WAITING) this.state = READY;
  }
  take() {
    const packet = this.head;
    if (packet !== null) {
      this.head = packet.next;
      if (this.head === null) this.tail = null;
      packet.next = null;
    }
    return packet;
  }
  wait() { this.state = this.head === null ? WAITING : READY; }
  step() { throw new Error('abstract'); }
}

class Idle extends Task {
  constructor(system, id, turns) {
    super(system, id, 0);
    this.seed = 1;
    this.turns = turns;
  }
  step() {
    if (--this.turns === 0) {
      this.system.stopped = true;
      return;
    }
    // A 16-bit shift register decides which device is released.
    const odd = this.seed & 1;
    this.seed = (this.seed >> 1) ^ (odd ? 0xb400 : 0);
    this.system.release(odd ? 'disk' : 'line');
  }
}

class Device extends Task {
  constructor(system, id, priority, kind) {
    super(system, id, priority);
    this.kind = kind;
    this.state = HELD;
  }
  step() {
    const packet = this.take();
    if (packet !== null) {
      packet.sum += this.id;
      this.system.count += 1;
      this.system.send(packet, packet.owner);
    }
    this.state = HELD;
  }
}

class Worker extends Task {
  constructor(system, id, handlers) {
    super(system, id, 10);
    this.handlers = handlers;
    this.letter = 0;
    this.turn = 0;
  }
  step() {
    const packet = this.take();
    if (packet === null) return this.wait();
    this.turn = (this.turn + 1) % this.handlers.length;
    packet.owner = this.id;
    for (let i = 0; i < packet.data.length; i++) {
      this.letter = this.letter === 26 ? 1 : this.letter + 1;
      packet.data[i] = this.letter;
    }
    this.system.send(packet, this.handlers[this.turn]);
    this.wait();
  }
}

class Handler extends Task {
  constructor(system, id, device, worker) {
    super(system, id, 20);
    this.device = device;
    this.worker = worker;
    this.at = 0;
  }
  step() {
    const packet = this.take();
    if (packet === null) return this.wait();
    if (packet.kind === 1) {
      let sum = 0;
      for (const letter of packet.data) sum += letter;
      packet.sum = (packet.sum + sum) & 0xffff;
      packet.kind = 2;
      packet.owner = this.id;
      this.system.send(packet, this.device);
    } else {
      packet.kind = 1;
      this.at = (this.at + packet.sum) & 0xffff;
      this.system.send(packet, this.worker);
    }
    this.wait();
  }
}

class System {
  constructor(turns) {
    this.count = 0;
    this.stopped = false;
    this.tasks = [];
    this.add(new Idle(this, 0, turns));
    this.add(new Worker(this, 1, [2, 3]));
    this.add(new Handler(this, 2, 4, 1));
    this.add(new Handler(this, 3, 5, 1));
    this.add(new Device(this, 4, 30, 'disk'));
    this.add(new Device(this, 5, 30, 'line'));
    for (let i = 0; i < 6; i++) this.send(new Packet(1, 4), 1);
    this.order = [...this.tasks].sort((a, b) => b.priority - a.priority || a.id - b.id);
  }
  add(task) { this.tasks[task.id] = task; }
  send(packet, id) { this.tasks[id].receive(packet); }
  release(kind) {
    for (const task of this.tasks) {
      if (task.kind === kind && task.state === HELD && task.head !== null) task.state = READY;
    }
  }
  run() {
    while (!this.stopped) {
      for (const task of this.order) {
        if (task.state === READY) {
          task.runs++;
          task.step();
          break;
        }
      }
    }
    let check = this.count;
    for (const task of this.tasks) check = (check * 31 + task.runs) | 0;
    return check;
  }
}

measure('scheduler', 60, () => new System(60000).run());
