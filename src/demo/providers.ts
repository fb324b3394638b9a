/** Why an attempt fails, as the generator tells its failures apart. */
export const FAMILIES = ['throttle', 'block', 'greylist', 'unknown', 'full', 'timeout'] as const
export type Family = (typeof FAMILIES)[number]

type Wordings = readonly [everyday: string, incident?: string]

export interface DemoProvider {
  /** As the mailbox provider is called everywhere else. */
  id: string
  /** As Mailgun's logs call it. */
  label: string
  domains: readonly string[]
  mx: string
  /** Of all mail. */
  share: number
  /** How many messages go over one connection when there is much mail: what happens to one happens to all of them. */
  session: number
  /** Chance of each failure per attempt, on an ordinary day. */
  rates: Readonly<Record<Family, number>>
  /** Does it ask public block lists? */
  asksBlockLists: boolean
  /** `{ip}`, `{id}` and `{recipient}` are filled in. The first is the everyday one, the second speaks of an incident. */
  replies: Readonly<Record<Exclude<Family, 'greylist'>, Wordings>> & { readonly greylist?: Wordings }
}

const rates = (
  throttle: number,
  block: number,
  greylist: number,
  unknown: number,
  full: number,
  timeout: number,
): DemoProvider['rates'] => ({ throttle, block, greylist, unknown, full, timeout })

export const PROVIDERS: readonly DemoProvider[] = [
  {
    id: 'gmail',
    label: 'Gmail',
    domains: ['gmail.com', 'googlemail.com'],
    mx: 'gmail-smtp-in.l.google.com',
    share: 0.34,
    session: 4,
    rates: rates(0.003, 0.0012, 0, 0.004, 0.0015, 0.0004),
    asksBlockLists: false,
    replies: {
      throttle: [
        '421 4.7.28 [{ip}] Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited. Please visit https://support.google.com/mail/?p=UnsolicitedRateLimitError to review our Bulk Email Senders Guidelines. {id} - gsmtp',
      ],
      block: [
        '550 5.7.1 [{ip}] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address. To best protect our users from spam, the message has been blocked. {id} - gsmtp',
      ],
      unknown: [
        "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. {id} - gsmtp",
      ],
      full: [
        '452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp {id} - gsmtp',
      ],
      timeout: ['421 4.4.2 Timeout - closing connection. {id} - gsmtp'],
    },
  },
  {
    id: 'microsoft',
    label: 'Microsoft',
    domains: ['outlook.com', 'hotmail.com', 'live.com'],
    mx: 'outlook-com.olc.protection.outlook.com',
    share: 0.2,
    session: 3,
    rates: rates(0.006, 0.0035, 0, 0.005, 0.001, 0.0008),
    asksBlockLists: true,
    replies: {
      throttle: [
        '451 4.7.652 The mail server [{ip}] has exceeded the maximum number of connections. (S844) [{id}.prod.protection.outlook.com]',
      ],
      block: [
        "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [{id}.prod.protection.outlook.com]",
        '550 5.7.1 Service unavailable, Client host [{ip}] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/{ip} (AS3130). [{id}.prod.protection.outlook.com]',
      ],
      unknown: ['550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [{id}.prod.outlook.com]'],
      full: ['452 4.2.2 Mailbox full [{id}.prod.outlook.com]'],
      timeout: ['421 4.4.2 Connection dropped due to SocketError [{id}.prod.outlook.com]'],
    },
  },
  {
    id: 'yahoo',
    label: 'Yahoo',
    domains: ['yahoo.com', 'ymail.com', 'aol.com'],
    mx: 'mta7.am0.yahoodns.net',
    share: 0.13,
    session: 4,
    rates: rates(0.012, 0.0009, 0, 0.006, 0.002, 0.001),
    asksBlockLists: false,
    replies: {
      throttle: [
        '421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      ],
      block: [
        '553 5.7.2 [TSS09] All messages from {ip} will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes',
        "553 5.7.1 [BL21] Connections will not be accepted from {ip}, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
      ],
      unknown: [
        "554 delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0] - mta{id}.yahoo.com",
      ],
      full: ['552 1 Requested mail action aborted, exceeded storage allocation. mta{id}.yahoo.com'],
      timeout: ['421 4.4.2 mta{id}.yahoo.com Error: timeout exceeded'],
    },
  },
  {
    id: 'apple',
    label: 'Apple',
    domains: ['icloud.com', 'me.com'],
    mx: 'mx01.mail.icloud.com',
    share: 0.07,
    session: 3,
    rates: rates(0.002, 0.0018, 0, 0.003, 0.003, 0.0005),
    asksBlockLists: true,
    replies: {
      throttle: [
        '421 4.7.1 Messages to {recipient} deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137',
      ],
      block: [
        '554 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137',
        '554 5.7.1 Your message was rejected because [{ip}] is listed at Proofpoint. Please visit https://support.proofpoint.com/dnsbl-lookup.cgi?ip={ip}',
      ],
      unknown: ['550 5.1.1 <{recipient}>: user does not exist'],
      full: ['552 5.2.2 <{recipient}>: user is overquota'],
      timeout: ['421 4.4.2 mail.icloud.com Error: timeout exceeded'],
    },
  },
  {
    id: 'gmx',
    label: 'GMX',
    domains: ['gmx.de', 'gmx.net', 'gmx.at'],
    mx: 'mx00.gmx.net',
    share: 0.05,
    session: 3,
    rates: rates(0.005, 0.0012, 0.004, 0.005, 0.003, 0.001),
    asksBlockLists: true,
    replies: {
      throttle: [
        '450 4.7.0 Mail send limit exceeded for {ip}. For explanation visit https://postmaster.gmx.net/en/error-messages?ip={ip}&c=rl',
      ],
      block: [
        '554 Transaction failed. Reject due to policy restrictions. For explanation visit https://postmaster.gmx.net/en/error-messages?ip={ip}&c=hi',
        '554 gmx.net (mxgmx{id}) Nemesis ESMTP Service not available. No SMTP service. IP address is block listed. For explanation visit https://postmaster.gmx.net/en/error-messages?ip={ip}&c=bl',
      ],
      greylist: ['451 4.7.1 Greylisting in action, please come back later. (mxgmx{id})'],
      unknown: ['550 5.1.1 Requested action not taken: mailbox unavailable. The recipient does not exist.'],
      full: ['552 5.2.2 Requested mail action aborted: exceeded storage allocation. Quota exceeded.'],
      timeout: ['421 4.4.2 gmx.net (mxgmx{id}) timeout, closing connection'],
    },
  },
  {
    id: 'webde',
    label: 'WEB.DE',
    domains: ['web.de'],
    mx: 'mx-ha02.web.de',
    share: 0.04,
    session: 3,
    rates: rates(0.005, 0.0012, 0.004, 0.005, 0.003, 0.001),
    asksBlockLists: true,
    replies: {
      throttle: [
        '450 4.7.0 Mail send limit exceeded for {ip}. For explanation visit https://postmaster.web.de/en/error-messages?ip={ip}&c=rl',
      ],
      block: [
        '554 Transaction failed. Reject due to policy restrictions. For explanation visit https://postmaster.web.de/en/error-messages?ip={ip}&c=hi',
        '554 web.de (mxweb{id}) Nemesis ESMTP Service not available. No SMTP service. IP address is block listed. For explanation visit https://postmaster.web.de/en/error-messages?ip={ip}&c=bl',
      ],
      greylist: ['451 4.7.1 Greylisting in action, please come back later. (mxweb{id})'],
      unknown: ['550 5.1.1 Requested action not taken: mailbox unavailable. The recipient does not exist.'],
      full: ['552 5.2.2 Requested mail action aborted: exceeded storage allocation. Quota exceeded.'],
      timeout: ['421 4.4.2 web.de (mxweb{id}) timeout, closing connection'],
    },
  },
  {
    id: 'tonline',
    label: 'T-Online',
    domains: ['t-online.de'],
    mx: 'mx03.t-online.de',
    share: 0.03,
    session: 2,
    rates: rates(0.007, 0.0028, 0.008, 0.003, 0.002, 0.0012),
    asksBlockLists: true,
    replies: {
      throttle: ['421 4.7.0 mailin{id}.mgt.mul.t-online.de Too many connections from {ip}, slow down'],
      block: [
        '554 IP={ip} - None/bad reputation. Ask your postmaster for help or to contact tosa@rx.t-online.de for reset. (NOWL)',
        '554 IP={ip} - Dialup/transient IP not allowed, or blocked by a block list. Use a mailgateway or contact tosa@rx.t-online.de',
      ],
      greylist: ['450 4.7.1 Greylisted: please try again in some minutes'],
      unknown: ['550 5.1.1 <{recipient}>: Recipient address rejected: User unknown'],
      full: ['552 5.2.2 <{recipient}>: mailbox full'],
      timeout: ['421 4.4.2 mailin{id}.mgt.mul.t-online.de Error: timeout exceeded'],
    },
  },
  {
    id: 'orange',
    label: 'Orange',
    domains: ['orange.fr', 'wanadoo.fr'],
    mx: 'smtp-in.orange.fr',
    share: 0.03,
    session: 2,
    rates: rates(0.016, 0.0025, 0.002, 0.005, 0.004, 0.002),
    asksBlockLists: true,
    replies: {
      throttle: [
        '421 {id} ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]',
      ],
      block: [
        '550 {id} ME Adresse IP source bloquee pour incident de spam. Client host blocked for spamming issues. OFR006_102 Ref http://csi.cloudmark.com/reset-request/?ip={ip} [102]',
      ],
      greylist: ['450 4.7.1 {id} Greylisted, please try again later'],
      unknown: ['550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]'],
      full: ['552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]'],
      timeout: ['421 4.4.2 smtp-in.orange.fr Error: timeout exceeded'],
    },
  },
  {
    id: 'comcast',
    label: 'Comcast',
    domains: ['comcast.net'],
    mx: 'mx1h1.comcast.net',
    share: 0.02,
    session: 4,
    rates: rates(0.007, 0.0022, 0, 0.006, 0.003, 0.001),
    asksBlockLists: true,
    replies: {
      throttle: [
        '421 4.1.0 {ip} Throttled - try again later. Please see http://postmaster.comcast.net/smtp-error-codes.php#RL000001',
      ],
      block: [
        '554 5.7.1 {ip} Comcast block for spam. Please see http://postmaster.comcast.net/smtp-error-codes.php#BL000000',
        '554 5.7.1 {ip} found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000001',
      ],
      unknown: ['550 5.1.1 Not our Customer'],
      full: ['552 5.2.2 <{recipient}> recipient rejected - quota violation'],
      timeout: ['421 4.4.2 mx1h1.comcast.net Error: timeout exceeded'],
    },
  },
  {
    id: 'other',
    label: 'Other',
    domains: ['riverside-dental.example', 'northwind.example', 'kontor-nord.example', 'atelier-vert.example'],
    mx: 'mail.northwind.example',
    share: 0.09,
    session: 1,
    rates: rates(0.008, 0.005, 0.05, 0.012, 0.003, 0.007),
    asksBlockLists: true,
    replies: {
      throttle: ['421 4.7.0 mail.northwind.example Error: too many connections from {ip}'],
      block: [
        '550 5.7.1 Access denied by local policy, reference {id}',
        '554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ip}',
      ],
      greylist: ['451 4.7.1 <{recipient}>: Recipient address rejected: Greylisted, please come back in 300 seconds'],
      unknown: ['550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in virtual mailbox table'],
      full: ['552 5.2.2 <{recipient}>: quota exceeded'],
      timeout: ['421 4.4.2 mail.northwind.example Error: timeout exceeded'],
    },
  },
]
