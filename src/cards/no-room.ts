import { sentence } from '../incident/wording.ts'
import type { Card } from './card.ts'

/** When there is so little room on the disk that the database is left alone. */
export const stoppedCard = ({ problem, remedy }: { problem: string; remedy: string }): Card => ({
  title: 'Bouncebell has stopped: its disk is full',
  tone: 'critical',
  text: [
    sentence(problem),
    'Until there is room, nothing is read, watched or stored, and no other alert will come.',
    remedy,
  ],
})

export const roomAgainCard: Card = {
  title: 'There is room again',
  tone: 'good',
  text: ['Reading goes on from where it stopped.'],
}
