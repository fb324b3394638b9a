import type { Card } from './card.ts'

/** What can be typed after `/smtp`. */
export const helpCard: Card = {
  title: 'What you can ask',
  tone: 'info',
  text: [
    'Paste a reply or a whole bounce, or ask about a code: the answer says what it means, what to do, and how often you get it.',
  ],
  table: {
    columns: ['Type', 'You get'],
    rows: [
      [
        '/smtp 550',
        'an explanation; works for a reply code, an enhanced code (5.7.1), a provider, words, or a pasted bounce',
      ],
      [
        '/smtp status',
        'sources, open incidents, and how many false alarms to expect; /smtp status detail adds the detector',
      ],
      ['/smtp incidents', 'open incidents and those of the last 7 days; /smtp incidents last 30d goes back further'],
      ['/smtp incident ID', 'one incident with its history'],
      ['/smtp new', 'replies seen for the first time in the last 24 h'],
      ['/smtp ack ID', 'acknowledge an incident, so that others know you are on it'],
      ['/smtp snooze ID 4h', 'mute one incident for a while; /smtp unsnooze ID ends it'],
      [
        '/smtp silence provider=yahoo 4h warm-up',
        'mute part of your mail for a while; /smtp silences lists all silences',
      ],
      ['/smtp replay last 7d', 'which alerts you would have gotten, played over your own history'],
      ['/smtp help', 'this list'],
    ],
  },
}
