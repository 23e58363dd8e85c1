// Everything of a machine that its first step does not need: the other interface, every backend, power and firmware, migration, kept TPMs. The
// page loads it late, all other shells have it from their start.

import { installHost } from './host-acts.ts'
import { installImages } from './images.ts'
import { installMigration } from './migrate.ts'
import { installPlatform } from './platform-acts.ts'
import { withTis } from './tis.ts'

/** Once is enough; again does no harm. */
export function wholeMachine(): void {
  withTis()
  installHost()
  installPlatform()
  installMigration()
  installImages()
}
