/** A sentence of the docs that says never, always or each, by some of its words, and the tests that hold us to it. */
export interface Promised {
  promise: string
  /** "file: name" */
  tests: readonly string[]
}

const promised = (promise: string, ...tests: string[]): Promised => ({ promise, tests })

export const PROMISES: readonly Promised[] = [
  promised(
    'an expired key or a silent source is an incident, never 0.00%',
    'test/db/watch.test.ts: says that it is blind, freezes what it knew, and sees again',
    'test/unit/sight.test.ts: is blind from the very minute at which twice the usual silence is reached',
  ),

  // How it is built.
  promised(
    'Each replica may write them, since each is whole by itself',
    'test/db/snapshots.test.ts: reads only the counters since the state that was stored, and knows what it would have known',
  ),
  promised(
    'one that never stopped and one built anew are the same to the last bit',
    'test/unit/detect/determinism.test.ts: knows the same after any restart, from what was stored or from the counters',
    'test/db/snapshots.test.ts: lets be what comes later than a day, as it would have without a restart',
  ),
  promised(
    'each slice and reply has `used_on`',
    'test/db/orphans.test.ts: are pruned a month after the last counter of them, and others are not',
    'test/db/orphans.test.ts: are made again by a replica that remembers them from before, under numbers that nothing had',
  ),
  promised(
    'A slice without mail for four weeks is as if it had never been',
    'test/unit/detect/watch.test.ts: are out of use after four weeks, and new when they come back',
    'test/unit/detect/watch.test.ts: are not stored, which changes nothing of what is known',
  ),
  promised(
    'A server that never says the same twice is held to 2,000 new texts',
    'test/db/counters.test.ts: keeps only the codes of replies beyond the daily limit of new ones, and counts them all',
  ),
  promised(
    'Errors name method, origin and path, never the query',
    'test/unit/http-client.test.ts: no key and no address gets into an error',
  ),
  promised(
    'So the state is always the one that counts in order would have given',
    'test/unit/detect/determinism.test.ts: knows the same to the last bit, in whatever order and however late its counts came',
  ),
  promised(
    'so each replica keeps one in memory and asks the store only for minutes that changed',
    'test/db/watch.test.ts: tells of a short absence minute by minute, and gives each replica the same answer',
  ),
  promised(
    'So each socket has a limit of its own',
    'test/db/partition.test.ts: ends a query that waits, and the next one works when the network is back',
    'test/db/partition.test.ts: takes what waits for a slow statement along with the session that is asked all the time',
  ),
  promised('so a lookup is never behind', 'test/db/usage.test.ts: tells a sum that is never behind what was written'),
  promised(
    'It never stops the rest',
    'test/db/unreadable.test.ts: is skipped among the incidents; the others go on, and status says so',
  ),
  promised(
    'each piece of work is a job in the database, run once over all replicas, safe to kill at any',
    'test/db/schedule.test.ts: runs work of one key on one replica at a time, and every key',
    'test/e2e/kill.test.ts: counts nothing twice and loses nothing on %s',
  ),
  promised(
    'any number of replicas may run, and each piece of work is done by one of them',
    'test/e2e/replicas.test.ts: read every window once and post every message once, also when one of them dies',
  ),

  promised(
    "so each of the five parts of a slice's key has at most 400 bytes",
    'test/unit/border.test.ts: keeps every key short enough for an index, and replies and hosts short',
  ),
  promised(
    'the actions of CI by commit, each with its exact version beside it',
    'test/unit/supply-chain.test.ts: images by digest, with the exact version beside it',
    'test/unit/supply-chain.test.ts: actions by commit, with the exact version beside it',
    'test/unit/supply-chain.test.ts: packages by exact version',
  ),
  promised(
    'Totals that questions read, and why they are never behind',
    'test/db/usage-totals.test.ts: is to the moment what the minutes add up to, whatever is in the totals yet, and whatever changed since',
    'test/db/usage.test.ts: tells a sum that is never behind what was written',
  ),
  promised(
    'each hour in one transaction that adds the difference',
    'test/db/usage-totals.test.ts: adds hours to the totals in pieces, the newest first, and goes on where it was',
  ),

  // Sources.
  promised(
    'so a total that is wrong costs a second read and never a result',
    'test/db/poll.test.ts: reads again only where the source counts something else than was read',
  ),
  promised(
    'Each source has its own pace',
    'test/unit/http-client.test.ts: holds back what is more than a host may get at once, and lets other hosts go on',
  ),
  promised(
    '"previously bounced address" is never taken for the words of a receiving server',
    "test/unit/mailgun.test.ts: Mailgun's own code %i is no reply",
  ),
  promised(
    'Mailgun: each event in exactly one window',
    'test/contract/window-source.ts: puts each event into exactly one of two windows that meet',
  ),
  promised(
    'Suppressed addresses and rejected messages were never tried',
    'test/unit/ses-event.test.ts: what SES did not try to deliver is dropped, without a reply: %s',
  ),
  promised(
    'SES: each long poll; Postfix: each minute',
    'test/contract/stream-source.ts: says that it is reading, though nothing comes',
  ),
  promised(
    'Deliveries to 127.0.0.1 and ::1 are not counted: each message would be two',
    'test/unit/postfix-observe.test.ts: what goes to a content filter is no attempt, unless its relay is not to be ignored',
  ),
  promised(
    'Each line of an SMTP client is one attempt',
    'test/contract/stream-source.ts: counts every attempt once, with its time, domain and outcome',
  ),
  promised(
    'a visitor always comes on a Tuesday at ten',
    'test/unit/traffic.test.ts: starts in the minute of the week that is asked for',
  ),

  // Replies.
  promised(
    'is never kept, so what was read before changes no answer',
    'test/unit/lexicon.test.ts: what was read before changes nothing',
    'test/unit/matcher.test.ts: what was read before changes nothing',
  ),
  promised(
    'is the codes and the template of the reply, never the paste',
    'test/db/commands.test.ts: shows no address',
    'test/unit/lookup.test.ts: never throws, and hands on no address and no more than a button takes',
  ),
  promised(
    'each signal is watched by itself: a stale recipient list is never reported as a block',
    'test/unit/detect/watch.test.ts: reports bad addresses as list quality, never as a block',
  ),
  promised(
    'tests check that each is answered by its rule',
    'test/unit/rules.test.ts: every rule has real examples, and each is answered by that rule',
    'test/unit/rules.test.ts: no rule is dead: without it, its examples are answered otherwise',
  ),
  promised(
    'and which never answer (unused, or shadowed by another of yours)',
    'test/unit/rules-report.test.ts: unused and shadowed rules are named',
  ),
  promised(
    'Words without slashes always take linear time',
    'test/unit/config.test.ts: words, and a regular expression that can be read, are taken as they stand',
    'test/unit/config.test.ts: expressions that take linear time are fine',
  ),

  // Detection.
  promised(
    'three minutes never reach the bar',
    'test/unit/detect/watch.test.ts: does not ring for three bad minutes, however bad they are',
  ),
  promised(
    'each signal has its own statistic',
    'test/unit/detect/watch.test.ts: reports bad addresses as list quality, never as a block',
  ),
  promised(
    'is list quality and never a block',
    'test/unit/detect/watch.test.ts: reports bad addresses as list quality, never as a block',
    'test/unit/replay.test.ts: takes greylisting for no sign of anything',
  ),
  promised(
    'Each line that is printed has `event`',
    'test/unit/replay.test.ts: prints an incident from its opening to its resolution, a JSON object per line',
  ),

  // Incidents.
  promised(
    'bad addresses and bad content never join a block',
    'test/unit/incident-track.test.ts: never lets bad addresses join a block',
    'test/unit/incident-track.test.ts: never lets bad content join a block',
  ),
  promised(
    'resolved by evidence, never by silence',
    'test/unit/incident-track.test.ts: freeze their incidents: never resolved by silence of the data',
    'test/unit/incident-properties.test.ts: resolves only after a recovery that held, a merge, or the source being back, and never what is stale',
  ),
  promised(
    'it is refreshed with a version and never the reason for one',
    'test/unit/incident-track.test.ts: says nothing more while the figures stand still, and brings them up to date after a quarter of an hour',
  ),
  promised(
    'a drift never hides an alarm',
    'test/unit/incident-track.test.ts: never hides an alarm behind a wider drift, and makes one incident of both',
  ),
  promised(
    'a third kind of incident, never more than low',
    'test/unit/new-reply.test.ts: opens one incident of low severity, once',
  ),
  promised(
    'A refusal in words that a source never gave before is told once',
    'test/unit/incident-properties.test.ts: tells of few new replies in a day, and of each once',
  ),
  promised('It is never told in its first 15 minutes', 'test/unit/new-reply.test.ts: is told to nobody if it is %s'),
  promised(
    'suppressions are never new refusals',
    'test/db/replies.test.ts: are new once, however often a window is read or an event delivered; a text on success is no refusal',
  ),
  promised(
    'the last of several only, and never while it is silenced or over',
    'test/unit/heard.test.ts: is never heard while it is silenced or over',
  ),

  // What people see.
  promised(
    'none is looked at until the minute is over, and each is logged with its address',
    'test/unit/web-requests.test.ts: looks at no more tokens for a minute after five wrong ones, and logs them without what was tried',
  ),
  promised(
    "never as Slack's markup",
    'test/unit/slack-render.test.ts: keeps every limit of Slack and has no element that formats or mentions, whatever the card',
    'test/unit/slack-render.test.ts: shows hostile words as they are',
  ),
]

/** Sentences with one of the words that promise nothing: they explain how something works, or why. */
export const EXPLANATIONS: readonly string[] = [
  'each minute stored again after 5, 15 and 35 minutes',
  'since the machine was never free',
  'Each open trouble asks every minute which set of slices explains it best',
  'but not (always) bounces and delays',
  'and each wrong guess costs as much as a word',
  'four and three lines that never did what they said',
  'so each size of slice, signal and watch has its own',
  'are weighed: how much likelier are they',
  'Each size of slice has its own, re-measured daily',
]
