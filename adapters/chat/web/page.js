// The page works without this file; with it, news arrives by itself and answers do not reload the page.

const messages = document.getElementById('messages')
const answers = document.getElementById('answers')
const live = document.getElementById('live')
const news = document.getElementById('news')
const ask = document.getElementById('ask')
const name = document.getElementById('name')

if (messages) {
  follow(messages)
  document.addEventListener('submit', (event) => {
    event.preventDefault()
    submit(event.target, event.submitter)
  })
  name.value = localStorage.getItem('name') ?? ''
  name.addEventListener('change', () => localStorage.setItem('name', name.value))
  // Enter asks, as in a chat; Shift+Enter makes a new line.
  ask.text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    ask.requestSubmit()
  })
}

// ---- News, by server-sent events

function follow(list) {
  // The server's clock, not the browser's: a demo's runs faster.
  let now = new Date(list.dataset.now)
  showTimes(now)
  const events = new EventSource(`/events?since=${list.dataset.revision}`)
  events.addEventListener('open', () => state('on', 'Live'))
  events.addEventListener('error', () => {
    const isOver = events.readyState === EventSource.CLOSED
    state('off', isOver ? 'Signed out. Reload the page.' : 'Reconnecting…')
  })
  events.addEventListener('reload', () => location.reload())
  events.addEventListener('time', (event) => {
    now = new Date(event.data)
    showTimes(now)
  })
  events.addEventListener('entries', (event) => {
    for (const entry of JSON.parse(event.data)) show(list, entry)
    showTimes(now)
  })
}

function state(name, words) {
  live.dataset.state = name
  live.textContent = words
}

function show(list, { id, parent, html, title }) {
  const fresh = markup(html)
  const old = document.getElementById(`m-${id}`)
  const root = parent ? document.getElementById(`m-${parent}`) : old
  if (parent) {
    if (!root) return // The thread of a message that is too old for this page.
    if (old) old.replaceWith(fresh)
    else root.querySelector('.thread').append(fresh)
  } else if (old) {
    replaceCard(old, fresh)
  } else {
    list.prepend(message(id, fresh))
  }
  if (!old) fresh.classList.add('fresh')
  news.textContent = title
}

// The pressed button may go with the old card: the focus stays in the card that replaces it.
function replaceCard(article, card) {
  const before = article.querySelector('.card')
  const hadFocus = before.contains(document.activeElement)
  before.replaceWith(card)
  if (hadFocus) (card.querySelector('button') ?? article).focus()
}

function message(id, card) {
  const article = document.createElement('article')
  article.className = 'message fresh'
  article.id = `m-${id}`
  article.setAttribute('aria-labelledby', `t-${id}`)
  const thread = document.createElement('ol')
  thread.className = 'thread'
  thread.setAttribute('aria-label', 'Timeline')
  article.append(card, thread)
  return article
}

function markup(html) {
  const template = document.createElement('template')
  template.innerHTML = html // Escaped by the server, which made it from one template.
  return template.content.firstElementChild
}

// ---- Questions and presses

async function submit(form, submitter) {
  // Not `disabled`: that would take the focus away from who works by keyboard.
  if (form.ariaBusy === 'true') return
  const body = new URLSearchParams(new FormData(form, submitter))
  body.set('name', name.value)
  form.ariaBusy = 'true'
  try {
    const response = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } })
    if (!response.ok) throw new Error(await response.text())
    const { html } = await response.json()
    if (html) answer(html)
    if (form === ask) ask.text.value = ''
  } catch (error) {
    say(error instanceof TypeError ? 'Bouncebell does not answer. Is it running?' : error.message)
  } finally {
    form.ariaBusy = null
  }
}

// Only the newest answer stays: the page is a channel, not a terminal.
function answer(html) {
  answers.replaceChildren(markup(html))
  const dismiss = document.createElement('button')
  dismiss.className = 'dismiss'
  dismiss.type = 'button'
  dismiss.textContent = 'Dismiss'
  dismiss.addEventListener('click', () => {
    answers.replaceChildren()
    ask.text.focus()
  })
  answers.querySelector('header').append(dismiss)
  showTimes(new Date(messages.dataset.now))
  ask.scrollIntoView()
}

function say(words) {
  const problem = document.createElement('p')
  problem.className = 'problem'
  problem.setAttribute('role', 'alert')
  problem.textContent = words
  answers.replaceChildren(problem)
}

// ---- Times: how long ago, by the server's clock; the absolute time on hover

function showTimes(now) {
  messages.dataset.now = now.toISOString()
  for (const time of document.querySelectorAll('time.ago')) {
    time.textContent = ago((now - new Date(time.dateTime)) / 1000)
  }
}

function ago(seconds) {
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86400)} d ago`
}
