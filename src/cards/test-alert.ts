import { when } from '../incident/wording.ts'
import type { Card } from './card.ts'

/** What `bouncebell doctor --test-alert` posts: nobody may take it for trouble. */
export const testAlertCard = (at: Date): Card => ({
  title: '[Test] Alerts from Bouncebell arrive here',
  tone: 'info',
  text: [
    'Nothing is wrong with your mail. Somebody ran `bouncebell doctor --test-alert` to see whether alerts reach this channel.',
  ],
  footer: `Test alert · sent ${when(at, at)}`,
})
