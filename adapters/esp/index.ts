import type { EspDefinition } from '../../src/ports/esp.ts'
import { mailgun } from './mailgun/index.ts'
import { postfix } from './postfix/index.ts'
import { ses } from './ses/index.ts'

/** Every kind of source there is: what `type:` in the configuration may name. */
export const espDefinitions: readonly EspDefinition<unknown>[] = [mailgun, postfix, ses]
