/** A browser's part of the conversation with the page: its cookie and the proof in its forms. */
export async function openWebSession(url: string, token?: string) {
  const entry = token
    ? await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token }), redirect: 'manual' })
    : await fetch(url)
  const cookie = entry.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = async () => (await fetch(url, { headers: { cookie } })).text()
  const form = /name="form" value="([^"]*)"/.exec(await page())?.[1] ?? ''

  return {
    cookie,
    form,
    page,
    submit: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: new URLSearchParams({ form, ...fields }),
        headers: { cookie, accept: 'application/json', ...headers },
        redirect: 'manual',
      }),
  }
}
