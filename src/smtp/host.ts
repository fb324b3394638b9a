/** Domains that a template keeps, since they tell who speaks or which list is meant. */
const KEPT = new Set(
  `google.com outlook.com office365.us live.com hotmail.com microsoft.com yahoodns.net yahoo.com yahooinc.com
   yahoo.co.jp aol.com icloud.com me.com apple.com spamhaus.org spamhaus.com spamcop.net barracudacentral.org
   barracudanetworks.com ess.barracudanetworks.com sorbs.net uceprotect.net abusix.zone abusix.com invaluement.com
   mailspike.net manitu.net surbl.org uribl.com senderscore.com senderscore.org returnpath.net backscatterer.org abuseat.org
   njabl.org dnswl.org hostkarma.junkemailfilter.com junkemailfilter.com gbudb.net s5h.net wpbl.info surriel.com psbl.org
   dronebl.org 0spam.org spameatingmonkey.net blocklist.de interserver.net mailspike.io fortiguard.com vadesecure.com spamrats.com proofpoint.com pphosted.com
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
   telstra.net optusnet.com.au xtra.co.nz openspf.org openspf.net dmarc.org mxtoolbox.com ya.cc`.split(/\s+/),
)

const MOST_LABELS = Math.max(...Array.from(KEPT, (domain) => domain.split('.').length))

/** Ends of host names: any country's, and the generic ones that mail servers use. "later.Please" is no host. */
const GENERIC = new Set(
  `com net org edu gov mil int info biz name pro mobi asia cat jobs tel travel local lan internal localdomain
   localhost invalid test example arpa io app dev cloud email mail online site shop store xyz top club tech
   agency solutions services systems network group world zone live digital media host hosting email company center
   academy one link page space website work works life today news blog`.split(/\s+/),
)
const COUNTRY = /^[a-z]{2}$/
const HOST = /^[a-z\d_](?:[a-z\d_-]{0,62}\.)(?:[a-z\d_][a-z\d_-]{0,62}\.)*[a-z]{2,24}$/i
/** At most two labels of letters before a known domain. */
const TELLING = /^(?:[a-z]{1,12}\.){0,2}$/
/** Words that end a sentence whose full stop was not followed by a blank, or that shorten another. */
const NOT_A_COUNTRY = new Set(['if', 'or', 'an', 'up', 'we', 'be', 'ok', 'on', 'php', 'html'])
const LIST_LABEL = /(?:^|\.)(?:bl|rbl|dnsbl|blacklist|blocklist|zen|sbl|xbl|pbl|dbl|dul|spam|black)\.|dns[bw]l|rbl/

/** The template of a host name (`{host}`, `zen.spamhaus.org`, `{host}.outlook.com`), or null if it is none. */
export function hostTemplate(word: string): string | null {
  const dot = word.lastIndexOf('.')
  if (dot < 1 || word.length > 255) return null
  const last = word.slice(dot + 1).toLowerCase()
  if (!(GENERIC.has(last) || (COUNTRY.test(last) && !NOT_A_COUNTRY.has(last)))) return null
  if (!HOST.test(word)) return null
  const name = word.toLowerCase()
  // The longest known domain that it ends with.
  let known = -1
  for (let at = dot, labels = 2; at > 0 && labels <= MOST_LABELS; labels++) {
    at = name.lastIndexOf('.', at - 1)
    if (KEPT.has(name.slice(at + 1))) known = at + 1
  }
  // `zen.` tells something, `mta7.am0` does not.
  if (known >= 0) return TELLING.test(name.slice(0, known)) ? name : `{host}.${name.slice(known)}`
  return LIST_LABEL.test(name) && !/\d{3}/.test(name) ? name : '{host}'
}
