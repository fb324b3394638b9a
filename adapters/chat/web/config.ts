import { z } from 'zod'

export const config = z.strictObject({
  channel: z.string().min(1).max(80).default('alerts').describe('the name of the channel that the page shows'),
  user: z
    .string()
    .min(1)
    .max(80)
    .default('Somebody')
    .describe('the name recorded for people who gave none on the page'),
  token: z
    .string()
    .refine((token) => token.replace(/\s/g, '').length >= 16, 'must have at least 16 characters, blanks not counted')
    .optional()
    .describe('the token that the page asks for; required if other machines can reach the page'),
  hosts: z
    .array(z.string().toLowerCase())
    .default([])
    .describe('host names, without port, that people open the page by, such as bouncebell.example.com'),
  banner: z.string().optional().describe('a line of text above the messages'),
})

export type WebConfig = z.output<typeof config>
