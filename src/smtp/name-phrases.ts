import { KINDS, SPACED, UNSPACED } from './address-characters.ts'
import { type Characters, isOneOf, setOf } from './characters.ts'
import { wordTable } from './word-table.ts'

/** What stands before the name of a user, in the words of many MTAs and languages. */
const NOUNS = new Set(
  `user users username userid user-id mailbox mailboxes recipient recipients account alias addressee local-part localpart part
   login address adress person inbox maildir maildrop subscriber customer employee vrfy expn principal
   benutzer benutzername benutzerkonto anwender empfänger empfaenger empfängeradresse postfach konto adressat
   utilisateur usager destinataire boîte boite compte abonné usuario buzón buzon cuenta casilla destinatario
   utente casella indirizzo titolare usuário utilizador caixa conta destinatário gebruiker gebruikersnaam postvak postbus
   ontvanger użytkownik użytkownika uzytkownik uzytkownika skrzynka skrzynki odbiorca odbiorcy uživatel uživatele
   uzivatel uzivatele schránka schranka příjemce prijemce účet ucet používateľ användare användaren användarnamn
   anvandare postlåda mottagare mottagaren bruger brugeren brugernavn modtager modtageren postkasse bruker brukeren
   brukernavn mottaker mottakeren käyttäjä käyttäjää kayttaja postilaatikko vastaanottaja felhasználó felhasznalo
   postafiók címzett utilizator utilizatorul destinatarul kullanıcı kullanici alıcı alici pengguna dùng χρήστης χρήστη
   потребител korisnik пользователь пользователя пользователю ящик получатель получателя получателю запись аккаунт
   адресат абонент користувач користувача скринька одержувач отримувач המשתמש משתמש المستخدم`.split(/\s+/),
)
/** Words that are one only before "to" or "for". */
const DELIVERY = new Set('deliver delivery delivered delivering mail message messages e-mail email rcpt'.split(' '))

/** The same in writing without blanks, where the name follows at once. */
const UNSPACED_NOUN =
  /ユーザー名|ユーザ名|ユーザーID|ユーザー|ユーザ|メールボックス|アカウント|宛先|受信者|用户名|用戶名|用户|用戶|收件人|邮箱|郵箱|信箱|帐号|账号|帳號|账户|帐户|사용자|수신자|받는 사람|메일함|편지함|계정|ผู้ใช้/y

export interface Noun {
  from: number
  to: number
  isUnspaced: boolean
}

/** The next noun from `from` on that a name may stand behind; null where there is none. `codes` are the characters of `text`. */
export function nounFrom(text: string, { codes, length }: Characters, from: number): Noun | null {
  for (let at = from; at < length; at++) {
    const part = PARTS[codes[at]!]!
    if (part === NOTHING || part === HYPHEN) continue
    if (part === JOINT) {
      // "x.user" is a host or a code.
      if (at > from) while (PARTS[codes[at + 1]!] === LETTER) at++
      continue
    }
    const start = at
    if (part === LETTER)
      do at++
      while ((PARTS[codes[at]!]! & IN_WORD) !== 0)
    if (PARTS[codes[at]!] === WHOLE) {
      UNSPACED_NOUN.lastIndex = at
      if (UNSPACED_NOUN.test(text)) return { from: at, to: UNSPACED_NOUN.lastIndex, isUnspaced: true }
    }
    const to = mayBeNoun(codes, start, at) ? nounEnd(text, codes, start, at) : 0
    if (to > 0) return { from: start, to, isUnspaced: false }
    // What stands behind a word is yet to be looked at, unless it has been.
    if (at > start && PARTS[codes[at]!] === JOINT) at--
  }
  return null
}

const NOTHING = 0
/** Of a word whose writing has blanks. */
const LETTER = 1
const HYPHEN = 2
const IN_WORD = LETTER | HYPHEN
/** Behind it a word is none. */
const JOINT = 4
/** Of writing without blanks. */
const WHOLE = 8
const PARTS = Uint8Array.from(KINDS, (kind) => (kind === SPACED ? LETTER : kind === UNSPACED ? WHOLE : NOTHING))
PARTS['-'.charCodeAt(0)] = HYPHEN
for (const c of '._') PARTS[c.charCodeAt(0)] = JOINT
const LONGEST_NOUN = 17

/** By their first letters, the lengths that nouns have, and by their last: most words of a reply are told apart by them. */
const LENGTHS_BY_START = new Uint32Array(256)
const LENGTHS_BY_END = new Uint32Array(256)
for (const word of [...NOUNS, ...DELIVERY]) {
  for (const written of [word, word.toUpperCase()]) {
    LENGTHS_BY_START[Math.min(written.charCodeAt(0), 255)]! |= 1 << word.length
    LENGTHS_BY_END[Math.min(written.charCodeAt(word.length - 1), 255)]! |= 1 << word.length
  }
}
// Beyond ASCII all is looked up.
LENGTHS_BY_START.fill(-1, 128)
LENGTHS_BY_END.fill(-1, 128)

function mayBeNoun(codes: Uint8Array, from: number, to: number): boolean {
  const length = to - from
  return (
    length <= LONGEST_NOUN && (LENGTHS_BY_START[codes[from]!]! & LENGTHS_BY_END[codes[to - 1]!]! & (1 << length)) !== 0
  )
}

const isNounAt = wordTable(NOUNS)
const isDeliveryAt = wordTable(DELIVERY)

function nounEnd(text: string, codes: Uint8Array, from: number, to: number): number {
  if (isNounAt(codes, from, to)) return to
  if (isDeliveryAt(codes, from, to)) return towardsEnd(text, codes, to)
  for (let at = from; at < to; at++) if (codes[at]! > 127) return NOUNS.has(text.slice(from, to).toLowerCase()) ? to : 0
  return 0
}

/** Words that are a noun only before "to" or "for". */
function towardsEnd(text: string, codes: Uint8Array, from: number): number {
  if (codes[from] !== BLANK) return 0
  const to = text.startsWith('to', from + 1) ? from + 3 : text.startsWith('for', from + 1) ? from + 4 : 0
  return to > 0 && !isOneOf(WORD_CHARACTERS, codes[to]!) ? to : 0
}
const BLANK = 32
const WORD_CHARACTERS = setOf('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-')

/** Words between the noun and the name that bind them: "mailbox for x", "user by the name x". */
export const CONNECTORS = new Set(
  `for of to by named name called id with the local user account mailbox recipient address alias inbox unknown illegal id part postal aux lettres or
   de du des d à von für fuer namens mit dem di del do da para voor van met dla pro для с именем for til för med`.split(
    /\s+/,
  ),
)

/** Words that tell that what follows is the one who is not there: "user unknown jsmith". */
export const MISSING =
  /unknown|such|invalid|illegal|bad|exist|found|unbekannt|inconnu|desconocid|desconhecid|sconosciut|onbekend|nieznan|neznám|неизвест|okänd|ukendt|ukjent|不存在|未知|見つかり|無効/iu

/** What goes on after a name. */
export const PREDICATE =
  /^[ \t]+(?:is|isn't|are|not|does|doesn't|doesnt|do|don't|unknown|undefined|here|there|has|hasn't|had|was|wasn't|could|cannot|can't|can|no|over|exceed\w*|full|disabled|suspended|inactive|reject\w*|refus\w*|denied|fail\w*|invalid|locked|blocked|at|in|on|unavailable|temporarily|permanently|currently|deactivated|closed|expired|moved|deleted|removed|listed|ist|nicht|existiert|unbekannt|wurde|hat|kann|gesperrt|voll|bei|est|n['’]est|n['’]existe|inconnue?|a|no|es|está|esta|desconocid[oa]|existe|è|e'|non|sconosciut[oa]|inesistente|não|nao|é|desconhecid[oa]|inexistente|onbekend|bestaat|niet|nie|jest|nieznany|neexistuje|není|не|нет|неизвест\p{L}*|существует|найден|отключен|заблокирован|переполнен|існує|yok|bulunamad[ıi]|är|finns|findes|finnes|ikke|inte|er|ei|on|ole|nem|nu|tidak|không|δεν|and|or|the|because|due)(?![\p{L}\p{M}\p{N}_])/iu

/** The same where no blank parts them. */
export const PREDICATE_UNSPACED = /^\s?(?:は|が|を|に|の|という|さん|様|不|无|無|没|未|已|是|的|은|는|이|가|을|를|님)/u

/** What is said of whoever is named before it: "jsmith: user unknown", "jsmith... no such user". */
export const SAID_OF_NAME =
  /^(?:sorry,? ?)?(?:the |this |your |that |local |mail |invalid |unknown |a |no )*(?:user|mailbox|recipient|account|addressee?|alias|inbox|no such|such|unknown|not (?:found|known|here|a |an |our|valid|exist|listed|our)|doe?s(?:n't| not) (?:exist|have|accept|like)|doesnt|do not|is (?:not|unknown|over|full|disabled|invalid|inactive|suspended|no longer|currently)|isn't|invalid|over ?quota|quota|has (?:no|exceeded|a full|been)|relaying|access denied|denied|can'?t create|cannot|mail\b|unrouteable|undeliverable|benutzer|unbekannt|empf|postfach|existiert|ist (?:nicht|unbekannt|voll)|gibt es nicht|utilisateur|inconnu|destinataire|bo[îi]te|n['’]existe|est (?:inconnu|plein)|usuario|desconocido|no existe|buz[óo]n|utente|sconosciut|casella|non (?:esiste|è)|usu[áa]rio|não existe|gebruiker|onbekend|bestaat niet|niet |u[żz]ytkownik|nie (?:istnieje|ma)|skrzynka|u[žz]ivatel|neexistuje|пользовател|неизвест|нет такого|не (?:существует|найден)|ящик|användare|okänd|finns inte|bruger|ukendt|bruker|ukjent|findes ikke|käyttäj|kullan[ıi]c[ıi]|bulunamad|yok\b)/iu
export const SAID_OF_NAME_UNSPACED =
  /^\s?(?:は|が|という|さん|様)?[^\s。、]{0,12}(?:不存在|存在し|存在하지|存在|見つかり|无效|無效|未知|找不到|未找到|被拒|已满|已滿|一杯|いっぱい|찾을|없|존재)/u
