// What is drawn around the stage: one part of the program, loaded as soon as the stage stands.

export { Lanes } from './Lanes.tsx'
export { Wires } from './Wires.tsx'
