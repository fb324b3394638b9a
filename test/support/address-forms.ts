import { randomOf } from './counted-world.ts'

/** A text with an address or a user's name in it, and what of it must not be left. */
export interface AddressForm {
  text: string
  secrets: string[]
}

const GIVEN = ['zoltan', 'quigley', 'ingeborg', 'xaviera', 'wojtek', 'bjarne', 'oluwaseun', 'thandiwe']
const FAMILY = [
  'kowalski',
  'oberhuber',
  'szabolcs',
  'mcgillicuddy',
  'vandersloot',
  'echeverria',
  'nakamura',
  'dufresnoy',
]
const FOREIGN = ['jörgensen', 'çelikoğlu', 'дмитриева', 'παπαδοπούλου', 'łukaszewicz']
const HOSTS = [
  'example.com',
  'mail.example.org',
  'sub-domain.example.co.uk',
  'example.museum',
  'bücher.example',
  'xn--bcher-kva.example',
  'пример.рф',
  '例え.テスト',
]

const LOCAL: readonly ((g: string, f: string, n: number) => string)[] = [
  (g, f) => `${g}.${f}`,
  (g, f) => `${g}_${f}`,
  (g, f) => `${g}-${f}`,
  (g, f, n) => `${g}${n}.${f}`,
  (g, f) => `${g}+${f}`,
  (g, f) => `${g[0]}'${f}`,
  (g, f) => `${g}'${f}`,
  (g, f) => `${g}|${f}`,
  (g, f) => `${g}{${f}}`,
  (g, f) => `${g}&${f}=x`,
  (g, f) => `${g}!${f}`,
  (g, f) => `${g}%${f}.example`,
  (g, f) => `${g}/${f}#?*`,
  (g, f) => `${g}\`${f}~$^`,
  (g, f) => `"${g} ${f}"`,
  (g, f) => `"${g}@${f}"`,
  (g, f) => `"${g}\\"${f}"`,
  (g, f) => `"${g}, (${f}) <x>"`,
  (g, f) => `"${g}".${f}`,
  (g, f) => `${g}."${f}"`,
  (g, f) => `${g}(${f})`,
  (g, f) => `(${g})${f}`,
  (g, f) => `${g}\\,${f}`,
  (g, f) => `bounce-77-${g}.${f}=example.net`,
  (g, f) => `SRS0=hash=tt=example.net=${g}.${f}`,
  (g, f) => `SRS1=hash=relay.example==hash=tt=example.net=${g}${f}`,
  (g, f) => `prvs=1234abcdef=${g}.${f}`,
  (g, f) => `btv1==0123==${g}-${f}`,
  (g, f, n) => `${g}.${f}.${'x'.repeat(n % 200)}`,
  (g, f, n) => `${'a'.repeat(64 + (n % 200))}.${g}.${f}`,
  (g, f) => `${g}=\r\n.${f}`,
  (g, f) => `/G=${g}/S=${f}/`,
  (g, f) => `${g}\u00ad.${f}`,
]

/** Around a local part and a domain. */
const WHOLE: readonly ((local: string, host: string) => string)[] = [
  (l, h) => `${l}@${h}`,
  (l, h) => `<${l}@${h}>`,
  (l, h) => `<${l}@${h}>:`,
  (l, h) => `to=<${l}@${h}>, relay=none`,
  (l, h) => `'${l}@${h}'`,
  (l, h) => `[${l}@${h}]`,
  (l, h) => `(${l}@${h})`,
  (l, h) => `{${l}@${h}}`,
  (l, h) => `|${l}@${h}|`,
  (l, h) => `mailto:${l}@${h}`,
  (l, h) => `SMTP:${l}@${h};`,
  (l, h) => `rfc822;${l}@${h}`,
  (l, h) => `<@relay.example,@other.example:${l}@${h}>`,
  (l, h) => `@relay.example:${l}@${h}`,
  (l) => `${l}@[192.0.2.7]`,
  (l) => `<${l}@[IPv6:2001:db8::7]>`,
  (l, h) => `${l}@(comment)${h}`,
  (l, h) => `${l}＠${h}`,
  (l) => `${l}%40example.com`,
  (l) => `${l}=40example.com`,
  (l) => `${l}&#64;example.com`,
  (l) => `${l}&#x40;example.com`,
  (l) => `${l}[at]example.com`,
  (l) => `&lt;${l}@example.com&gt;`,
  (l) => `${l}@`,
  (l, h) => `${l}@${h}.`,
  (l, h) => `${l}@${h}, other@example.net`,
  (l, h) => `"Display Name" <${l}@${h}>`,
]

const AROUND: readonly ((address: string) => string)[] = [
  (a) => `550 5.1.1 ${a} User unknown`,
  (a) => `550 5.1.1 ${a}`,
  (a) => `${a}`,
  (a) => `550-5.1.1 ${a}\r\n550 5.1.1 no mailbox here`,
  (a) => `host mx.example[192.0.2.1] said: 550 ${a}: Recipient address rejected (in reply to RCPT TO command)`,
  (a) => `{"recipient":${JSON.stringify(a)}}`,
  (a) => `\t${a}\t`,
  (a) => `Unknown address error 550-'5.1.1 ${a}'`,
]

/** In writing without blanks, where plain addresses stand amid the words; these words must stay. */
export const UNSPACED: readonly (readonly [before: string, after: string])[] = [
  ['宛先', 'は存在しません'],
  ['该邮件地址', '不存在'],
  ['메일주소', '은 존재하지 않습니다'],
  ['ที่อยู่', 'ไม่มีอยู่'],
  ['メール「', '」は届きません'],
]

/** What announces a user by name. */
const ANNOUNCED: readonly ((name: string) => string)[] = [
  (n) => `550 No such user: ${n}`,
  (n) => `550 5.1.1 No such user ${n} here`,
  (n) => `550 no such user (${n})`,
  (n) => `550 5.1.1 user unknown: ${n}`,
  (n) => `550 5.1.1 User unknown - ${n}`,
  (n) => `550 unknown user ${n}`,
  (n) => `550 Unknown user: "${n}"`,
  (n) => `550 5.1.1 unknown or illegal alias: ${n}`,
  (n) => `550 mailbox ${n} not found`,
  (n) => `550 Mailbox not found: ${n}`,
  (n) => `550 Recipient ${n} rejected`,
  (n) => `550 invalid recipient ${n}`,
  (n) => `550 5.1.1 <${n}>: Recipient address rejected: User unknown in local recipient table`,
  (n) => `550 5.1.1 ${n}... User unknown`,
  (n) => `550 5.1.1 <${n}>... User unknown`,
  (n) => `550 ${n}: user unknown`,
  (n) => `550 "${n}" is not a valid user`,
  (n) => `550 ${n} does not exist`,
  (n) => `552 ${n}'s mailbox is full`,
  (n) => `552 5.2.2 Mailbox for ${n} is full`,
  (n) => `552 The mailbox of user ${n} is over quota`,
  (n) => `550 account ${n} is disabled`,
  (n) => `550 The account "${n}" has been suspended`,
  (n) => `550 Unknown local part ${n} in <user@example.com>`,
  (n) => `550 unknown local-part "${n}" in domain "example.com"`,
  (n) => `User ${n} (x@example.com) not listed in Domino Directory`,
  (n) => `lda(${n}): Error: quota exceeded`,
  (n) => `can't open /home/${n}/Maildir: permission denied`,
  (n) => `procmail: Quota exceeded while writing "/var/mail/${n}"`,
  (n) => `550 Mailbox does not exist: user.${n}`,
  (n) => `delivery to ${n} failed`,
  (n) => `550 cn=${n},ou=people,dc=example`,
  (n) => `550 uid=${n} is locked`,
  (n) => `relay.example!${n} is unreachable`,
  (n) => `uunet!relay!${n}`,
  (n) => `550 ${n}%host.example relaying denied`,
  (n) => `550 Benutzer ${n} existiert nicht`,
  (n) => `550 Unbekannter Benutzer: ${n}`,
  (n) => `550 Empfänger ${n} unbekannt`,
  (n) => `550 Das Postfach ${n} ist voll`,
  (n) => `550 l'utilisateur ${n} n'existe pas`,
  (n) => `550 Utilisateur inconnu : ${n}`,
  (n) => `550 El usuario ${n} no existe`,
  (n) => `550 Usuario desconocido: ${n}`,
  (n) => `550 utente ${n} sconosciuto`,
  (n) => `550 usuário ${n} não existe`,
  (n) => `550 gebruiker ${n} onbekend`,
  (n) => `550 Użytkownik ${n} nie istnieje`,
  (n) => `550 Uživatel ${n} neexistuje`,
  (n) => `550 Пользователь ${n} не найден`,
  (n) => `550 Неизвестный пользователь: ${n}`,
  (n) => `550 Kullanıcı ${n} bulunamadı`,
  (n) => `550 Användaren ${n} finns inte`,
  (n) => `550 ユーザー ${n} は存在しません`,
  (n) => `550 用户${n}不存在`,
  (n) => `550 用户不存在：${n}`,
  (n) => `550 사용자 ${n}을 찾을 수 없습니다`,
]
const NAMES: readonly ((g: string, f: string, n: number) => string)[] = [
  (g) => g,
  (_, f) => f,
  (g, f) => `${g}.${f}`,
  (g, f) => `${g[0]}${f}`,
  (g, f) => `${g}_${f}`,
  (g, _, n) => `${g}${n}`,
  (g, f) => `${g}-${f}`,
  (g) => g[0]!.toUpperCase() + g.slice(1),
]

/** As many forms as wanted, the same for the same seed. */
export function* addressForms(seed: number, count: number): Generator<AddressForm> {
  const random = randomOf(seed)
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  for (let i = 0; i < count; i++) {
    const given = one(GIVEN)
    const family = random() < 0.15 ? one(FOREIGN) : one(FAMILY)
    const number = Math.floor(random() * 1000)
    const secrets = [given, family]
    const kind = random()
    if (kind < 0.3) yield { text: one(ANNOUNCED)(one(NAMES)(given, one(FAMILY), number)), secrets: [given, ...FAMILY] }
    else if (kind < 0.4) {
      const [before, after] = one(UNSPACED)
      yield { text: `${before}${given}.${one(FAMILY)}@example.com${after}`, secrets: [given, ...FAMILY] }
    } else yield { text: one(AROUND)(one(WHOLE)(one(LOCAL)(given, family, number), one(HOSTS))), secrets }
  }
}
