import type { JournalEntry } from '../../../src/ports/journal.ts'
import { type Html, html } from './html.ts'
import { renderMessage } from './render.ts'

export interface PageState {
  channel: string
  banner: string | undefined
  form: string
  now: Date
  revision: bigint
  entries: readonly JournalEntry[]
  /** The answer to this very request, for browsers without JavaScript. */
  answer: Html | null
}

/** Things to try that show what the box is for. */
const EXAMPLES = ['550', '421 gmail', '5.7.26', 'status', 'help']

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#c2410c" d="M12 2a2 2 0 0 0-2 2v.6A6.5 6.5 0 0 0 5.5 11v4L4 17.5V19h16v-1.5L18.5 15v-4A6.5 6.5 0 0 0 14 4.6V4a2 2 0 0 0-2-2Zm-2.4 18a2.5 2.5 0 0 0 4.8 0Z"/></svg>',
)}`

const BELL = html`<svg class="bell" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M12 2a2 2 0 0 0-2 2v.6A6.5 6.5 0 0 0 5.5 11v4L4 17.5V19h16v-1.5L18.5 15v-4A6.5 6.5 0 0 0 14 4.6V4a2 2 0 0 0-2-2Zm-2.4 18a2.5 2.5 0 0 0 4.8 0Z"/></svg>`

export function renderPage(state: PageState): Html {
  const roots = state.entries.filter((entry) => entry.parent === null).toReversed()
  const threadOf = (id: string) => state.entries.filter((entry) => entry.parent === id)
  return shell(html`<header class="bar">
<h1>${BELL}Bouncebell</h1><span class="channel">#${state.channel}</span>
<label class="name">Your name <input id="name" name="name" form="ask" maxlength="80" autocomplete="name" placeholder="for the record"></label>
<span class="live" id="live" role="status">Reload for news</span>
</header>
${state.banner && html`<p class="banner" role="note">${state.banner}</p>`}
<main>
<form class="ask" method="post" action="/command" id="ask">
<input type="hidden" name="form" value="${state.form}">
<label for="text">/smtp</label>
<textarea id="text" name="text" rows="1" required maxlength="100000" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="a code, a provider, or a whole bounce" aria-describedby="examples"></textarea>
<button data-style="primary">Ask</button>
<p class="examples" id="examples">Try ${EXAMPLES.map((example) => html`<button type="submit" name="example" value="${example}" formnovalidate>${example}</button>`)}</p>
</form>
<section id="answers" aria-label="Answers that only you see" aria-live="polite">${state.answer}</section>
<section id="messages" aria-label="Messages, newest first" data-revision="${String(state.revision)}" data-now="${state.now.toISOString()}">
${roots.map((root) => renderMessage(root, threadOf(root.id), state.form))}
</section>
<p class="empty">Nothing to report yet. Alerts appear here when your mail is slowed down or refused.</p>
</main>
<p class="sr-only" id="news" role="status"></p>`)
}

export function renderLogin(problem: string | null): Html {
  return shell(html`<main class="login">
<form method="post" action="/login" class="card">
<h1>${BELL}Bouncebell</h1>
${problem && html`<p role="alert" class="problem">${problem}</p>`}
<label for="token">Token</label>
<input id="token" name="token" type="password" required autocomplete="current-password" autofocus>
<p>It is <code>chat.web.token</code> in the configuration.</p>
<button data-style="primary">Open</button>
</form></main>`)
}

function shell(body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Bouncebell</title>
<link rel="icon" href="${ICON}"><link rel="stylesheet" href="/style.css"><script type="module" src="/page.js"></script>
</head>
<body>${body}</body>
</html>
`
}
