import { DASH, DOT, END } from '../characters.ts'

/** Domains that a template keeps, since they tell who speaks or which list is meant. */
const KEPT = `google.com outlook.com office365.us live.com hotmail.com microsoft.com yahoodns.net yahoo.com yahooinc.com
   yahoo.co.jp aol.com icloud.com me.com apple.com spamhaus.org spamhaus.com spamcop.net barracudacentral.org
   barracudanetworks.com ess.barracudanetworks.com sorbs.net uceprotect.net abusix.zone abusix.com invaluement.com
   mailspike.net manitu.net surbl.org uribl.com senderscore.com senderscore.org returnpath.net backscatterer.org abuseat.org
   njabl.org dnswl.org hostkarma.junkemailfilter.com junkemailfilter.com gbudb.net s5h.net wpbl.info surriel.com psbl.org
   dronebl.org 0spam.org spameatingmonkey.net blocklist.de interserver.net mailspike.io fortiguard.com vadesecure.com spamrats.com spfbl.net proofpoint.com pphosted.com
   ppe-hosted.com cloudmark.com mimecast.com mimecast.co.uk messagelabs.com symantec.com symanteccloud.com
   trendmicro.com trendmicro.eu sophos.com cisco.com ironport.com iphmx.com senderbase.org talosintelligence.com fireeye.com
   fireeyecloud.com mailcontrol.com forcepoint.net forcepoint.com antispamcloud.com spamexperts.com mailchannels.net
   gmx.net gmx.com web.de t-online.de kundenserver.de ionos.com 1and1.com freenet.de arcor.de vodafone.de orange.fr wanadoo.fr
   laposte.net free.fr sfr.fr bouyguestelecom.fr bbox.fr libero.it virgilio.it tiscali.it aruba.it tim.it
   comcast.net cox.net charter.net spectrum.net rr.com att.net att-mail.com bellsouth.net prodigy.net verizon.net
   centurylink.net windstream.net earthlink.net optonline.net shaw.ca telus.net rogers.com sympatico.ca bell.net
   btinternet.com sky.com talktalk.net virginmedia.com ziggo.nl kpnmail.nl xs4all.nl telenet.be skynet.be proximus.be
   bluewin.ch swisscom.com telia.com seznam.cz wp.pl o2.pl onet.pl interia.pl mail.ru yandex.ru yandex.net yandex.com rambler.ru
   qq.com 163.com 126.com netease.com sina.com sina.com.cn sohu.com aliyun.com mxhichina.com naver.com daum.net hanmail.net
   nifty.com ocn.ne.jp docomo.ne.jp ezweb.ne.jp softbank.ne.jp biglobe.ne.jp so-net.ne.jp plala.or.jp
   uol.com.br terra.com.br bol.com.br locaweb.com.br rediffmail.com zoho.com zoho.eu fastmail.com messagingengine.com
   protonmail.ch protonmail.com proton.me tutanota.de hey.com emailsrvr.com rackspace.com secureserver.net godaddy.com
   titan.email mxroute.com mxlogin.com improvmx.com infomaniak.com infomaniak.ch hostpoint.ch ovh.net gandi.net
   hostedemail.com mailgun.org sendgrid.net amazonses.com amazonaws.com sparkpostmail.com mailjet.com bigpond.com
   telstra.net optusnet.com.au xtra.co.nz openspf.org openspf.net dmarc.org mxtoolbox.com ya.cc`.split(/\s+/)

/** Ends of host names: any country's, and the generic ones that mail servers use. "later.Please" is no host. */
const GENERIC =
  `com net org edu gov mil int info biz name pro mobi asia cat jobs tel travel local lan internal localdomain
   localhost invalid test example arpa io app dev cloud email mail online site shop store xyz top club tech
   agency solutions services systems network group world zone live digital media host hosting email company center
   academy one link page space website work works life today news blog`.split(/\s+/)
/** Words that end a sentence whose full stop was not followed by a blank, or that shorten another. */
const NOT_A_COUNTRY = new Set(['if', 'or', 'an', 'up', 'we', 'be', 'ok', 'on'])
const LIST_LABEL = /(?:^|\.)(?:bl|rbl|dnsbl|blacklist|blocklist|zen|sbl|xbl|pbl|dbl|dul|spam|black)\.|dns[bw]l|rbl/i

// RFC 1035 2.3.4.
const LONGEST_NAME = 255
const LONGEST_LABEL = 63

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
/** A number for each character of a label; 0 for all others, so also for the full stop that ends it. */
const SYMBOLS = new Uint8Array(END + 1)
for (const [i, character] of [...LETTERS, ...'0123456789_-'].entries()) {
  SYMBOLS[character.charCodeAt(0)] = i + 1
  SYMBOLS[character.toUpperCase().charCodeAt(0)] = i + 1
}
/** Any two letters: a list of today's would soon be out of date. */
const COUNTRIES = [...LETTERS].flatMap((a) => [...LETTERS].map((b) => a + b)).filter((end) => !NOT_A_COUNTRY.has(end))

// The known domains and ends as a tree that is read from the end of a name, so that no part of it is cut out and looked
// up. Each node has a row of the nodes that follow it; node 0 is all that is not known.
const WIDTH = 40
const ROOT = 1
const rows = new Array<number>(2 * WIDTH).fill(0)
function nodeOf(name: string): number {
  let node = ROOT
  for (let at = name.length - 1; at >= 0; at--) {
    const place = node * WIDTH + SYMBOLS[name.charCodeAt(at)]!
    if (rows[place] === 0) rows[place] = rows.push(...new Array<number>(WIDTH).fill(0)) / WIDTH - 1
    node = rows[place]!
  }
  return node
}
/** Where a row tells that its node is the end of host names (1), or which known domain it is. */
const TOLD = WIDTH - 1
for (const end of [...GENERIC, ...COUNTRIES]) rows[nodeOf(end) * WIDTH + TOLD] = 1
const TEMPLATES = ['{host}', '{host}', ...KEPT.map((domain) => `{host}.${domain}`)]
KEPT.forEach((domain, i) => {
  rows[nodeOf(domain) * WIDTH + TOLD] = i + 2
})
const NEXT = Uint16Array.from(rows)

/** At most two labels of letters before a known domain: `zen.` tells something, `mta7.am0` does not. */
const TELLING = /^(?:[a-z]{1,12}\.){0,2}$/i

/**
 * The template of a host name (`{host}`, `zen.spamhaus.org`, `{host}.outlook.com`), or null if it is none.
 * `characters` are those of the word, from `from` on.
 */
export function hostTemplate(word: string, characters: Uint8Array, from: number): string | null {
  if (word.length > LONGEST_NAME) return null
  let told = 0
  let domain = -1
  let node = ROOT
  const to = from + word.length
  let end = to
  while (end > from) {
    let start = end
    for (let symbol = 0; start > from; start--) {
      symbol = SYMBOLS[characters[start - 1]!]!
      if (symbol === 0) break
      node = NEXT[node * WIDTH + symbol]!
    }
    if (start === end || end - start > LONGEST_LABEL || characters[start] === DASH) return null
    if (NEXT[node * WIDTH + TOLD] !== 0) {
      told = NEXT[node * WIDTH + TOLD]!
      domain = start
    }
    if (told === 0 || (end === to && start === from)) return null
    if (start > from && characters[start - 1] !== DOT) return null
    node = NEXT[node * WIDTH]!
    end = start - 1
  }
  if (end === from) return null
  const tells =
    told > 1
      ? domain === from || TELLING.test(word.slice(0, domain - from))
      : LIST_LABEL.test(word) && !/\d{3}/.test(word)
  return tells ? word.toLowerCase() : TEMPLATES[told]!
}
