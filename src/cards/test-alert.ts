import { when } from '../incident/wording.ts'
import type { Card } from './card.ts'

/** What `bouncebell doctor --test-alert` posts: nobody should mistake it for a real alert. */
export const testAlertCard = (at: Date): Card => ({
  title: '[Test] Alerts from Bouncebell arrive here',
  tone: 'info',
  text: [
    'Nothing is wrong with your mail. Someone ran `bouncebell doctor --test-alert` to check that alerts reach this channel.',
  ],
  footer: `Test alert · sent ${when(at, at)}`,
})
