// What is not on stage at once: one part of the program, loaded after the first step can be taken.

export { Inspector } from './Inspector.tsx'
export { Platform, Screen } from './Platform.tsx'
export { RegisterMap } from './RegisterMap.tsx'
export { TpmState } from './TpmState.tsx'
