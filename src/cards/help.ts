import type { Card } from './card.ts'

/** What can be typed after `/smtp`. */
export const helpCard: Card = {
  title: 'What you can ask',
  tone: 'info',
  text: [
    'Paste a reply or a whole bounce, or ask for a code: the answer says what it means, what to do, and how often you have it.',
  ],
  table: {
    columns: ['Type', 'To get'],
    rows: [
      ['/smtp 550', 'a reply code, an enhanced code (5.7.1), a provider, words, or a pasted bounce explained'],
      ['/smtp status', 'whether every source is read, what is open, and how the detector is set'],
      ['/smtp incidents', 'the incidents that are open, and those of the last 7 days, or: /smtp incidents last 30d'],
      ['/smtp incident ID', 'one incident with its history'],
      ['/smtp new', 'the replies that servers gave for the first time in the last 24 h'],
      ['/smtp ack ID', 'others to know that you have it'],
      ['/smtp snooze ID 4h', 'quiet on one incident for a while; /smtp unsnooze ID ends it'],
      ['/smtp silence provider=yahoo 4h warm-up', 'quiet on a slice of mail for a while; /smtp silences lists them'],
      ['/smtp replay last 7d', 'what would have been noticed over your own history'],
      ['/smtp help', 'this'],
    ],
  },
}
