import fc from 'fast-check'
import { ACTIONS, type Card } from '../../src/cards/card.ts'
import { HOSTILE } from './sample-cards.ts'

// Short and long, plain and hostile, empty and broken: whatever a server may have said.
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\n',
    HOSTILE,
    '<!here>',
    '<@U1|x>',
    '*b*',
    '`c`',
    '~s~',
    '&lt;',
    ':smile:',
    '</script><script>',
  ),
  fc
    .array(fc.constantFrom('What:', '1. one', '2. two', '1. ', '• dot', '• ', 'line'), { maxLength: 6 })
    .map((lines) => lines.join('\n')),
  fc.integer({ min: 1, max: 5000 }).map((n) => 'w'.repeat(n)),
)

const list = <T>(item: fc.Arbitrary<T>, maxLength: number) => fc.array(item, { maxLength })
const tone = fc.constantFrom('good', 'info', 'warning', 'critical', 'muted')

/** Any card that the types allow. */
export const anyCard = fc.record(
  {
    title: words,
    tone,
    badge: words,
    text: list(words, 8),
    fields: list(fc.record({ label: words, value: words }), 15),
    quotes: list(words, 6),
    table: fc.record({ columns: list(words, 6), rows: list(list(words, 6), 40) }),
    chart: fc.record(
      {
        label: words,
        unit: fc.constantFrom('percent', 'count'),
        points: list(
          fc.record({ at: fc.date({ noInvalidDate: true }), value: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
          90,
        ),
        baseline: fc.double({ min: 0, max: 100, noNaN: true }),
      },
      { requiredKeys: ['label', 'unit', 'points'] },
    ),
    actions: list(
      fc.record(
        { id: fc.constantFrom(...ACTIONS), label: words, value: words, style: fc.constantFrom('primary', 'danger') },
        { requiredKeys: ['id', 'label', 'value'] },
      ),
      30,
    ),
    links: list(fc.record({ label: words, url: fc.oneof(fc.webUrl(), words, fc.constant('javascript:alert(1)')) }), 25),
    footer: words,
  },
  { requiredKeys: ['title', 'tone'] },
) as fc.Arbitrary<Card>
