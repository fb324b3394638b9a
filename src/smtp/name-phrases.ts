import { kindOf, SPACED, UNSPACED } from './address-characters.ts'

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
const TOWARDS = / (?:to|for)(?![\w-])/y

/** The same in writing without blanks, where the name follows at once. */
const UNSPACED_NOUN =
  /ユーザー名|ユーザ名|ユーザーID|ユーザー|ユーザ|メールボックス|アカウント|宛先|受信者|用户名|用戶名|用户|用戶|收件人|邮箱|郵箱|信箱|帐号|账号|帳號|账户|帐户|사용자|수신자|받는 사람|메일함|편지함|계정|ผู้ใช้/y

export interface Noun {
  from: number
  to: number
  isUnspaced: boolean
}

/** The next noun from `from` on that a name may stand behind; null where there is none. */
export function nounFrom(text: string, from: number): Noun | null {
  let start = -1
  for (let at = from; at <= text.length; at++) {
    const unit = text.charCodeAt(at)
    const kind = at < text.length ? kindOf(unit) : 0
    if (kind === UNSPACED) {
      UNSPACED_NOUN.lastIndex = at
      if (UNSPACED_NOUN.test(text)) return { from: at, to: UNSPACED_NOUN.lastIndex, isUnspaced: true }
    }
    if (kind === SPACED) {
      if (start < 0) start = at
      continue
    }
    if (unit === HYPHEN && start >= 0) continue
    if (start >= 0) {
      const to = nounEnd(text, start, at)
      if (to > 0) return { from: start, to, isUnspaced: false }
      // "x.user" is a host or a code.
      start = -1
    }
    if ((unit === DOT || unit === LOW_LINE) && at > from) {
      while (at + 1 < text.length && kindOf(text.charCodeAt(at + 1)) === SPACED) at++
    }
  }
  return null
}
const HYPHEN = 45
const DOT = 46
const LOW_LINE = 95
const LONGEST_NOUN = 17

function nounEnd(text: string, from: number, to: number): number {
  if (to - from > LONGEST_NOUN || to - from < 3) return 0
  const word = text.slice(from, to).toLowerCase()
  if (NOUNS.has(word)) return to
  if (!DELIVERY.has(word)) return 0
  TOWARDS.lastIndex = to
  return TOWARDS.test(text) ? TOWARDS.lastIndex : 0
}

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
