import { wordTable } from './word-table.ts'

/**
 * The words that replies are made of, in many languages: where a user's name may stand, one of these is none. Gathered
 * from the labelled replies and the rules' examples; to leave one out costs a word of a reply, to add a name costs a name.
 */
const WORDS = `
  aaaa aangemerkt abgelehnt able aborted about above absender absent abuse abusive abusix accept acceptable accepted
  accepting accepts accepté acceptée access accessible accident accordance account acl action activate activated
  active actually add added adding additional address addressee addresses admin administrative administrator admins
  adr adres adresa adresat adressat adresse adressen adressering adresses adresu aete afin after again agent agree
  ahead aktiv akzeptiert alcanzado alcuna alert alias alici alignment alive all allocation allow allowed allowing
  allows almacenamiento almost alone along already als also alternate alternative although always alıcı amavis amavisd
  amazon among amount an analysis analyzed and anforderung angegebene angegebenen anmeldung annehmen anonymous another
  answer anti anti-spam anti-virus antispam antwort användare användaren användarnamn anwender any anyone anything
  anywhere aol apparently appear appears apple application applied apply approval approved apr aqui aquí arc archive
  are aren't arguments article as ascii ask asks aspmx aspx assigned assistance assistant at att attached attachment
  attack attempt attempting attempts attention attiva attivo attribute au aucun aucune auf aufgrund aug aup auth
  authenticate authenticated authentication authentifizierung authorized authrequired auto-reply auto-response
  automated automatic automatically aux available avec average avoid avoir awaiting away awhile back backend
  backscatterer backup bad badcredentials banned banner bare barelinefeedsareillegal barracuda barracudacentral
  barracudanetworks barred based basis bdat be became because becomes been before being bekannt bekend bekende believe
  below benutzer benutzerkonto benutzername benutzers bericht best bestaat besteht beyond big biglobe bigpond
  bilinmeyen bin bir bit bitte biz bizsmtp bl black black-list blacklist blacklisted blacklists blank bli block
  blocked blockedmessage blocklist blocklistlookup blocks bloquee bloqueio bloques bluewin bo body boite boites both
  bounce bounced bouncing box boxes boîte boîtes bpe br brak broadcom broken browser bruger brugeren brugernavn bruker
  brukeren brukernavn btinternet buffer bug build built built-in bulk bulk-mail bulunamadi bulunamadı busy but button
  buy buzon buzones buzón by bytes bzw böyle ca caixa caixas call called caller calling came campaign can can't cancel
  canceled cancelled cannot careful case casella caselle cases casilla catch-all cause caused causing caution cbl cc
  ce cease central certain certificate cest cet cette cgi ch chain chance change changed changes channel characters
  chars charter che check checking checks cheia cheio chic chiusa choose cimzett clamav clamd clarify class classified
  cleanip clear clearly client close closed closing cloudfilter cloudmark cluster cname code codes collect com
  combined comcast come comes command commands comment communigate community company complaints complete completed
  completely compliant comply component comprised compromised compruebe compte comptes compute computer con concern
  concurrent condition conexiones conexoes configuration configure configured confirm confirmation confirmed conflict
  congratulations connect connecting connection connections connexions conosciuto consecutive consider considered
  console consta conta contact contacts containing contains contas content contenu continue continued conversation
  conversion convert copy core correct corrected correctly correo corresponding corrupt cost could couldn't count
  country courier courrier cpanel cr create created creating credits critical csi css ct cuenta cuentas current
  currently custom customer customers customized cut cutia cxr cycle cyrus cz czarnej címzett d'expedition daemon
  daily dal damaged dangerous dans das data database day days db dbl dc dcc dd de deactivated dead deaktiv deaktiviert
  deal dear dec december decide declared decline declined decode default deferral deferred deferring defers defined
  definitively degraded dei dein del delayed delays delete deleted delist deliver deliverable delivered delivering
  delivery della delle dem demand demandé demasiadas den denial denied denies deny department depends depot depuis des
  desactivada desactivado desactive desativada desativado desconhecida desconhecido desconocida desconocido described
  description desde destinataire destinataires destinatari destinatario destinatarul destination destinatário
  destinatários det detailip details detected detection develop deviation device deze diagnostic dial dialing
  dictionary did didn't die diese dieser dieses different digest digit dikenal dirección direct directadmin directions
  directly directory disabilitata disabilitato disable disabled disableduser disabling disallowed disattivata
  discarded disconnect disconnected discontinued discontinuing disk display disponibile disponivel distribution
  ditemukan dkim dmarc dmarcpolicy dmc dns dnssec do do-not-reply doc docomo docs does doesn't doing dolu domain
  domain's domaine domains domini dominio domino don't done dont double double-bounce dovecot down download dronebl
  drop dropped dropping dt du due duplicate during dy dyn dynamic dynamically dépassé dépassée désactivé désactivée
  dùng e-mail e-mailaddress e-mails eab each earlier early earthlink easy echec edit editor edt een effect ehlo ei
  eicar ein eine einem einen einer eingegebene eingestuft either el ela ele electrónico elle else em email emails
  emetteur empfaenger empfaengers empfänger empfängeradresse empfängers employee empty en enable enabled encontrada
  encontrado encontró encrypted encryption encuentra end ended endereço ending enforce enforced engine engineer
  engineering enhanced enotfound enough enroll ensure enter entered entire entries entry envelope enviar environment
  envoyes eop equal er erforderlich erlaubt erneut errata errato erreur erronée error errored errorretry errors ers
  erschoepft es ese eservfail esiste esistente esmtp espacio especificada essa essayer esse essential est esta
  establish este esterni estos está et ete eu evaluating even event eventually every everyone everything evil ex
  exactly example exceded excedeu exceed exceeded exceeds exception excess excessive exchange exchangelabs exclude
  excluded exclusively exe exempt exhausted exim exist exista existant existe existen existent existieren existiert
  existing exists existuje există exmail expediteur expire expired expires explain explanation explicit exploit
  exploits expn expression extended external extra extract ezweb fact fail failed failing fails failure failures fake
  falha fall falsch false family fast fault fbl feb february feed feel fehler fehlgeschlagen felhasznalo felhasználó
  fermé fermée fetch few field fields fifth file fill filter filtered filtering final finally find findes finished
  finnes finns first fit fix fixed flag flagged flooding flow foi folder follow following for forbidden force foreign
  forest forever forged format former formerly forms fortiguard forward forwarded forwarder forwarding forwards found
  fqdn fr framework free frequency frequent frequently fri friday friend from frozen full fully function future fwlink
  für gateway gateways gave gbudb ge geblokkeerd gebruiker gebruikers gecersiz geen gefunden gefundene gelöscht
  generally generate generated generating generic generickd geschlossen gesperrt get getaddrinfo geweigerd geçersiz
  gibt give given giving gleichzeitige gli global gmail gmt gmx go goes going gone good google google's got grant
  granted graylist graylisted greeting grey greylisted greylisting gris grise gross group groupwise groß gtgowacxoic
  guard guest guidelines gültig ha had handle handled handler handling handshake hang hangup happen happened har
  harmful harvest has hasn't hat have haven't having hay header headers healthy heavy held hello helo helohost help
  her here hesap het heuristics hi hidden hier high hint his history hit hl hmailserver hold holder home hop hops host
  hosted hostid hostkarma hostname hosts hotmail hour hourly hours how however htm human hvu há i'll i'm i've icc
  icloud id identification identified identify identity if ifc ignore ignored ihr ihre ihrem ihren ihrer ikke illegal
  image imail imap imaps immediately imposed impossible improper improvmx in in-box inaccessible inactif inactivated
  inactive inactivity inaktiv inativa inatividade inativo inbound inbounds inbox inboxes incident include included
  includes including incoming incomplete inconnu inconnue inconnus incorrect incorrecta incorrectly incorrecto
  increase indesirable indicates indirizzo indisponible indisponível individual inesistente inexistente infected info
  infodomainnonexistent inform information ingeschakeld initial initialize initiative input insecure inserted inside
  inspect install installed instead instructions insufficient inte integrity intelligence intended intent intentarlo
  intente intentional intercepted interface internal interne internet interrupted interserver interval introduced
  introuvable introuvables invalid invalide invalides invalido invaluement inverse inviato invoice involved inválida
  inválido iol ip ip's ipcheck ipfailure iphmx ipr ipremoval ips ipv ipv4 ipv6 is ismeretlen isn't isolated iss issue
  issues ist istnieje it it's item items its itself ix jako january jest job join jp judged jul july jun junk
  junkemailfilter junkmail just kan kann karma keep keeping kein keine keinen keiner kerio key keys không kind
  knowledge known konnte konnten konta konto kontos kr kullanici kullanıcı kutusu käyttäjä käyttäjää l'account la
  laposte large larger las last lastattemptedip lastattemptedservername later latest layer lda ldap le learn leave
  leaving left legacyid legal legitimate leider length les let let's letezik lettre lettres leur level lf libero
  license like likely limit limitation limite limited limiter limiting limits line linefeeds lines link linkid links
  liscie list lista liste listed listener listing lists live llena lleno lmtp lo load loading local localhost location
  lock locked locking log-in logged login logins logon lokale lone long longer look looks lookup loop looping loops
  loro los lost lots low lower lowest létezik löydy macros made mail mail-box mail-from mail-server mailbenutzer
  mailbox mailboxen mailboxes mailchat maildir maildrop mailenable mailer mailer-daemon mailfrom mailpolicy mails
  mailspike main maintain maintained maintenance mais majority make makes making malformed malware management manitu
  manquant manually many map mapping mar march marked mass master match matches matching matrix max maximal maximum
  maxsizeerror may mb mbox mcspamsignature mdaemon me mean meaning means media medium meet megtelt mehr member members
  memory mensagem mensaje mensajes mention mentioned merak message messagelabs messagerie messages messagetoolarge
  messaggio messaging method mfrom mfsmax mi micro microsoft migrated migration milter mime mimecast minimum minute
  minuten minutes minutos mirror misconfigured missing misspelled mistake mit mixed mode model moderate moderated
  moderator modified modify modtager modtageren module moins moment mon monday monitor month monthly months more
  moreover most mostly mot mottagare mottagaren mottagarens mottaker mottakeren move moved moving ms mta mta's mta-sts
  much muitas multi multipart multiple must mutual mx mxs my myself mysql más máximo n'a n'accepte n'est n'existe na
  nachricht nachrichten name named namens naming nao napoveda native nature naver ne near necessary necunoscut need
  needed needs neexistuje negative neither nem nemesis nenalezen nenhum není nessun nessuna net network never new news
  newsletter next neznama neznámý người nicht nie nieaktywna nieistnieje nieprawidłowy niet nieznana nieznane
  nieznanego nieznany nil nimmt ningún nix nl no no-reply nobody noch node noire nom nombre nome nomx non non-existent
  non-existing none nonexistent nonexisting noop noreply normal normally nos nosuch nosuchuser not notauthorizederror
  note notes nothing notice notification notified notify notspam nous nov novamente november now nowhere nremote ntual
  nu nuestro nuevo nul null nullmx number numbered numbers nur nxdomain não número o obsolete obtain occur occurred
  occurs och oct octets october odbiorca odbiorcy oder odrzucona of off offered office offline often okay okänd olc
  old older ole olemassa on on-hold on-premises onbekend onbekende once one ones ongeldig ongeldige ongoing online
  online's only ont ontvanger ontvangers op open opendkim opendmarc opened opens openspf operation operator opt-in
  opt-out option or orange order org organisation organization original originating os other otherwise ou our out
  out-of-office outage outbound outdated outgoing outlook output outside over over-quota overload overloaded overquota
  overquotaperm overquotatemp override own owned owner où pack package packet page pages paid pam par para parameter
  parameters parent parse parsed parsing part particular parties partir partner party pas pass passe passed passing
  password past path pattern pause paused payload payment pbl pdt peer pela pelo pending pengguna people per percent
  perche performed perhaps period permanent permanently permesso permission permissions permit permitido permitted
  pero persistent persists person personal peut pełna pgsql phishing phone php piena pipelined più pl place plain plan
  plateforme please plein pleine pleins plesk plină plná plugin plus po pocztowa pode point points policies policy
  policyd politique política pool poor pop pop3 pop3s por positive possible posta postafiók postal postbus postfach
  postfachs postfix postgresql postgrey postilaatikko postkasse postkassen postlåda postlådan postmaster postmasters
  posts potential pour pphosted pr prd pre-approved precedence preferences prefix present presente presents preserver
  press preventing prevents previously prijemce primary prior private probability probable problem proceed process
  processed processing procmail prod profile program prohibited prohibition prohibits projects promotional proof
  proofpoint proper properly protect protected protection protocol provide provided provider provider's prs
  przekroczona pst ptr pub public puede puesto pull puremagic purge purged purpose push py příjemce příjemci qmail qq
  qual quale qualified qualite quarantine quarantined que query querymx questa questo queue quick quickly quien quit
  quite quota quotaexceededexception quotareject ralentir random range ranges rate rate-limit rate-limited ratelimit
  rather raw rbl rblcheck rcp rcpt rcpt-to rcpthosts rdns re re-try reach reached read read-only ready real real-time
  realip reality really reason reasons reattempted recebe receipt receive received receivers receiving receivingrate
  receivingrateperm recent recently rechazada rechazado recheck recibe recipient recipient's recipienterror
  recipientnotfound recipients recipientservererror recipnotfound recipsizelimit recognise recognised recognized
  reconnect record records reduce reessayer ref refer reference reflect refuse refused refusing refusé refusée regard
  regarding regards region register registered regular reject rejected rejecting rejection rejectmessage rejeitada
  rejeitado rejete rejeté rejetée related relay relayed relaying release relevant remain remains remediation remember
  remetente reminder remote removal remove removed renamed rendering rep repeat repeated repeatedly replaced replica
  replicated reply report reported reporter reporting represent reputation reputationauthority request requested
  requesting requests required requirement requirements requires requiretls resend resending reservation reserved
  reset residential resimta resolution resolve resolver resource resources respond responding response responsible
  restart restore restricted restriction restrictions resubmit results retired retried retry retrying return returnc
  returned returning returns reused reverse review reviewed revoked rewritten rfc rgin richtlinie rifiutato right
  ritenuto rlb rly role room root route routines routing rp rr rset rspamd rst rt rtr ru rule rules run running rusr
  sa safe said sale same sample sasl sat saturday saturée save sbl sc scaduto scan scanner scanning schedule scheduled
  scheme schránka sconosciuta sconosciuto score scored script se search second secondary seconds secret section secure
  secureserver securite security see seen sein select selected self self-service selfip sem send senden sender
  sender's senderbase sendererror senders senderscore sendertool sending sendmail sent sep separate september sequence
  series serious serve served server server's servers serveur servfail service services servico servidor serving ses
  session sessions setting settings setup seu several seznam sfq sfr share shared short should shouldn't shown shut
  shutdown shutting si sich sido sie sieve sign sign-in signature signed signing similar simple simply simultaneas
  simultanees sin since sind single sip sistema site sites situation size skrzynka skrzynki slow slowly small
  smartermail smarthost sms smtpsend sn so-called soa sobre socket socketerror socks softbank sollicite solution solve
  some someone something sometime son sont soon sorbs sorry sospesa sospeso source space spaces spaeter spam
  spamassassin spamcop spamd spameatingmonkey spamhaus spamhaus's spammer spamming spamrats spams specific specified
  specify spectrum speicher speicherplatz speichervolumen spelling sperrliste spf spm spoof spoofed spoofing spécifié
  spécifiée sql sqlite ssl stage standard standing start starttls state stated statement static statistics status stay
  steht still stop stopped stopping storage store stored storedrv storing stranger strict string strong structure
  stuck su sua subject submission submit subscriber subtype succeed successful successfully such suffix suggest suis
  summary sun sunday supera superado superato support supported supporting supposed suppressed supprimee supprimé
  supprimée sur surbl sure surriel suspected suspeita suspend suspended suspendida suspending suspendu suspendue
  suspension suspicion suspicious switched symantec synchronization synchronoss syntax sys system systems table tag
  taken takes takiego talk található tamaño também tard tarde target tb tcp te team technical telenet telephone tell
  tem temp template temporairement temporariamente temporarily temporary tenantattribution tente terminated terms test
  than thank thanks that that's the their them then there there's therefore these they they're thing third third-party
  this those though thought thread throttle throttled throttling through throughout thu thursday ticket tidak tiene
  tight time time-out timed timeout timeouts titan titulaire tld tls tlsa tmp tnef to today todos together token
  tomorrow too took top total tower track traffic transaction transferring transient transmis transmission transport
  trend tresc tried trigger triggered trojan trop trouble troubleshooting trouvé trouvée trovata trovato truncate
  trust trusted trustedsource truth try trying tste tue tuesday tuntematon turn turned turret twice two txt type types
  typos täynnä tại tồn uceprotect ucet ueberschritten uitgeschakeld ukendt ukjent um uma un una unable unacceptable
  unaccepted unallocated unassigned unauthenticated unauthorized unavailability unavailable unbekannt unbekannte
  unbekannten unbekannter unblock unblocked unchanged unconfirmed und undefined undeliverable undelivered undelivery
  under understanding une unexpected unfinished unfortunately ungültig ungültige ungültiger uninstalled unique unit
  unknown unknown-user unless unlisted unlock unmanaged unmatched unnecessary unneeded unprocessed unreachable
  unrecognized unregistered unresolvable unroutable unrouteable unsolicited unsolicitediperror unsolicitedmessageerror
  unspecified unsubscribed unsuccessful unsupported until untrusted unusable unused unusual unverified uol up
  up-to-date update updated updates upgrade upload upon urgent uri uribl url us usage usager use used useful user
  user's username usernames users using usual usually usuario usuarios usuário usuários utc utente utenti utf utf-8
  utf8 utilisateur utilisateurs utilizador utilizadores utilizator utilizatorul utilizatorului uzivatel uznana
  uzytkownik uzytkownika użytkownik użytkownika uživatel uživatele vade vadesecure valid validation valide value
  values van var variable various vastaanottaja vba verbindungen verdict verfügbar verificacao verification verified
  verifier verify verifying verizon vers version verso versuchen very veuillez via victim viele view violates
  violation violations vir viral virginmedia virtual virus visible visit vol voll volume volumes volumineux vom von
  voor vorhanden votre vous vpopmail vrfy vuelva válida válido waiting want wants warm warning warnings was wasn't
  watchguard we we're web website wed wednesday week weekly weeks wegen welcome well well-formed wenden went werden
  were weren't what what's whatever when where whether which while white-list whitelist whitelisting who who's whom whose
  why wiadomosc wiadomosci widely will win winzip wird wish with within without wm won't word words wordt work working
  works world worry worse would wouldn't wp write writing wrong wrongly wurde wurden www www-data xbl xblfor xclient y
  ya yahoo yahoodns yahooinc yandex yes yet yok you you're you've your za zablokowane zablokowany zawieszone zen zero
  ziggo zijn zimbra zip znajduje zoho zombied zone zu zugestellt zugeteilter zulässig zur zurzeit zustellung zuviele à
  är è é účet überfüllt überprüfen überschritten άγνωστος δεν υπάρχει χρήστης авторизация авторизован администратору
  адрес адреса адресат адресату аккаунт аккаунта был было быть ваш вашего ваши времени временная вы данного данные
  данный для домена единицу жалобы за заблокирован заблокирована занят записи запись заполнен запрещен запрещена
  запрещено знайдено известен имени имя как користувач користувача лимит много на найден нашем не неверное неверный
  невідомий недействителен недействительный недоступен неизвестен неизвестного неизвестный немає несуществующего
  несуществующий нет о об обратитесь одержувач от отклонено отключен отключена отправитель отправлено отримувач ошибка
  переповнена переполнен переполнена пересылка писем письма по повторите пожалуйста позже получатели получатель
  получателю получателя пользователей пользователь пользователя попробуйте попытку почта почтового почтовый почты
  превышен при принимает приостановлен проверка пройдена ретрансляция своей секунд сервер сервера сервере серый
  системе скринька скриньки слишком соединений сообщение спам список существует существующий также такого такой удален
  удалена указан указанный учетная учетной учётная через что эта этого этом этот ящик ящика ящику існує
`

const ORDINARY = new Set(WORDS.trim().split(/\s+/))

/** The same of characters; words that are not in ASCII are not told. */
export const isOrdinaryAt = wordTable(ORDINARY)

/** Is it one of the words that replies are made of, and so nobody's name? */
export const isOrdinary = (word: string): boolean => {
  if (ORDINARY.has(word)) return true
  const lower = word.toLowerCase()
  return ORDINARY.has(lower.includes('’') ? lower.replaceAll('’', "'") : lower)
}
