# Ce que dit la fenêtre, en français.

start-title = À huis clos
start-promise = Appelez les gens que vous choisissez et écrivez-leur. Ni compte, ni numéro de téléphone, et personne qui écoute.
start-name = Votre nom
start-room-title = Titre du salon
start-room = Ouvrir un salon
start-paste = Coller une invitation
start-join = Rejoindre
start-demo = Juste un coup d’œil ? Ouvrez la démonstration

refused-not-an-invitation = Ce n’est pas une invitation. Une invitation commence par incamera://join#
refused-damaged = L’invitation est incomplète ou abîmée. Copiez-la de nouveau en entier.
refused-newer = Cette invitation vient d’une version plus récente. Mettez In Camera à jour pour l’utiliser.
refused-unreachable = Personne ne répond à l’adresse de l’invitation.
refused-outside-network = Cette invitation mène hors du réseau que vous autorisez.
refused-refused = Cette invitation n’est pas valable, ou ne l’est plus.
refused-full = Le salon est plein.
refused-own-invitation = C’est votre propre invitation. Envoyez-la à la personne à qui vous voulez parler.
refused-taken-up-before = Vous y êtes déjà. Le contact ou le salon de cette invitation est dans votre liste.
refused-timed-out = Le salon n’a pas répondu à temps.
refused-version = Cette invitation vient d’une autre version d’In Camera. L’un de vous doit faire la mise à jour.
refused-suite = Ce salon utilise des clés post-quantiques, que cette version d’In Camera n’a pas.
refused-malformed = La réponse du salon est illisible.
refused-name = Saisissez d’abord un nom, pour que les autres sachent qui vous êtes.
refused-system = Cet ordinateur n’a pas pu ouvrir de connexion. Fermez d’autres programmes et réessayez.

lobby-back = Retour
lobby-invited = Un salon où vous êtes invité
lobby-nobody-sees = Personne ne peut encore vous voir ni vous entendre
lobby-enter = Entrer dans le salon
lobby-entering = Demande d’entrée…

devices-title = Caméra, microphone et haut-parleur
devices-noise-out = Suppression du bruit activée
devices-noise-in = Suppression du bruit désactivée
devices-tone = Jouer un son d’essai
devices-done = Terminé

picker-camera = Caméra
picker-microphone = Microphone
picker-speaker = Haut-parleur
picker-none = Aucun
picker-no-camera = Aucune
picker-clip = Extrait
picker-test-picture = Image d’essai
picker-test-melody = Mélodie d’essai

demo-title = Démonstration
room-untitled = Salon

header-people = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
seal-post-quantum = Chiffré, post-quantique
seal-classic = Chiffré, clés classiques
seal-waiting = { $count ->
    [one] En attente des clés d’une personne
   *[other] En attente des clés de { $count } personnes
}
seal-alone = Il n’y a encore personne d’autre
layout-grid = Grille
layout-speaker = Orateur

tile-you = Vous
tile-connecting = Connexion…
tile-keys-behind = Renouvellement des clés…
tile-keys-missing = En attente des clés…
tile-keys-forked = Retour dans le salon…
tile-muted = micro coupé
tile-camera-off = caméra éteinte
tile-camera-paused = En pause : ordinateur trop chargé
tile-speaking = parle
tile-sharing = partage son écran
tile-shares = { $name } partage son écran

bar-microphone = Activer le microphone
noise-out = Le bruit de fond est retiré de votre voix
noise-in = Le bruit de fond est transmis avec votre voix
bar-microphone-talk = Activer le microphone, ou maintenir Ctrl+Espace pour parler
bar-microphone-mute = Couper le microphone
bar-camera = Allumer la caméra
bar-camera-off = Éteindre la caméra
bar-camera-lost = Éteindre la caméra. Elle a été débranchée et reprendra à son retour
bar-share = Partager l’écran
bar-share-stop = Ne plus partager l’écran
bar-chat = Ouvrir la discussion
bar-chat-close = Fermer la discussion
bar-devices = Caméra, microphone, haut-parleur
bar-invite = Inviter
bar-layout = Grille ou orateur
bar-leave = Quitter
switch-theme = Sombre ou clair

chat-title = Discussion
chat-nothing = Les messages sont chiffrés comme tout le reste, et disparaissent avec le salon.
field-full = Seules les { $count } premières lettres tiennent
chat-placeholder = Message à tout le monde
chat-send = Envoyer

invite-title = Inviter à { $room }
invite-how = Montrez ce code, ou envoyez le lien par un moyen sûr. Toute personne qui l’a peut entrer.
invite-copy = Copier le lien
invite-copied = Copié
invite-making = Création de l’invitation…
invite-done = Fermer

ended-removed = Vous avez été retiré
ended-removed-why = Quelqu’un vous a retiré du salon. Depuis, vous ne voyiez et n’entendiez plus personne, et personne ne vous voyait ni ne vous entendait.
ended-failed = Le salon est terminé
ended-failed-why = La connexion n’a pas pu continuer.
ended-back = Retour à l’accueil

notice-left = { $name } est parti
notice-removed = { $name } a été retiré
notice-lost = La connexion avec { $name } a été perdue
notice-renamed = { $from } s’appelle maintenant { $to }
notice-clipboard = Le presse-papiers n’est pas disponible
notice-no-guests = Les invités de la démonstration n’ont pas pu entrer

trouble-camera-unusable = La caméra est inutilisable
trouble-camera-lost = La caméra a été débranchée. Elle reprendra à son retour
trouble-screen-unusable = L’écran ne peut pas être partagé
trouble-screen-declined = Rien n’a été choisi : rien n’est partagé
trouble-screen-gone = La fenêtre ou l’écran que vous partagiez a été fermé
trouble-microphone-unusable = Le microphone est inutilisable
trouble-microphone-lost = Le microphone a été débranché. Un autre le remplace, s’il y en a un
trouble-speaker-unusable = Le haut-parleur est inutilisable
trouble-speaker-lost = Le haut-parleur a été débranché. Un autre le remplace, s’il y en a un
trouble-camera-clip = L’extrait vidéo est illisible
trouble-microphone-clip = L’extrait sonore est illisible
trouble-overloaded = Cet ordinateur est trop chargé : pendant un moment, les images peuvent être plus petites ou en pause
trouble-picture-rests = La vidéo d’un participant ne peut pas être affichée sans risque ; elle est en pause pour un moment
trouble-decoder-not-started = La vidéo des autres ne peut pas être affichée : son décodeur n’a pas démarré. In Camera réessaie ; si rien n’y fait, redémarrez In Camera
trouble-stream-failed = Le son ou la vidéo d’un participant a échoué et s’arrête pour cet appel
trouble-recording = L’enregistrement s’est arrêté : impossible d’écrire sur le disque
trouble-message-too-long = Le message est trop long
trouble-message-blank = Le message n’a aucun texte visible : il n’a pas été envoyé
trouble-no-such-message = Ce message n’est plus ici
trouble-not-your-message = Seul l’auteur peut modifier un message
trouble-no-reaction = Une réaction est un seul émoji
trouble-no-such-member = Personne dans le salon ne porte ce nom
trouble-lagged = Une partie de ce qui s’est passé n’a pas pu être affichée. Fermez le profil et ouvrez-le à nouveau pour voir tout ce qui a été conservé.
trouble-busy = Trop de choses à la fois : votre dernière action a été ignorée

figures-redraws = Affichages
figures-epoch = Époque
figures-processor = Processeur
figures-decoder-sandboxed = Décodeur vidéo : isolé
figures-decoder-partly = Décodeur vidéo : isolé en partie
figures-decoder-not-sandboxed = Décodeur vidéo : non isolé ici
figures-decoder-not-started = Décodeur vidéo : ne démarre pas
figures-who = Personne
figures-path = Chemin
figures-path-direct = direct
figures-path-link = par la liaison
figures-path-forwarded = par un membre
figures-by-way = image par { $name }
figures-keys = Clés
figures-keys-current = à jour
figures-keys-behind = en retard
figures-keys-missing = absentes
figures-keys-forked = divergentes
figures-picture = Image
figures-picture-late = Retard image
figures-sound-late = Retard son
figures-concealed = Masqué
figures-received = Reçu

start-profiles = Profils
refused-needs-profile = Cette invitation mène à un contact ou à un salon gardé. Ouvrez un profil pour l’accepter.
refused-expired = L’invitation a expiré.

sheet-cancel = Annuler
sheet-save = Enregistrer
sheet-done = Fermer

profiles-looking = Un instant…
profiles-which = Quel profil ?
profiles-which-why = Chaque profil a son nom, ses contacts et ses salons. Personne d’autre ne peut voir qu’ils vont ensemble.
profiles-one = Profil { $number }
profiles-by-keyring = trousseau
profiles-by-passphrase = phrase secrète
profiles-passphrase-title = Votre phrase secrète
profiles-open = Ouvrir
profiles-new = Nouveau profil
profiles-new-title = Un nouveau profil
profiles-make = Créer
profiles-lock-keyring = Le trousseau de cet ordinateur
profiles-lock-passphrase = Une phrase secrète
profiles-keyring-why = La clé est dans le trousseau de cet ordinateur : toute personne qui peut utiliser votre session peut ouvrir le profil.
profiles-passphrase-why = Personne ne peut ouvrir le profil sans elle, et personne ne peut vous aider si vous l’oubliez.
profiles-no-keyring = Aucun trousseau ne répond sur cet ordinateur : une phrase secrète verrouille le profil. Personne ne peut vous aider si vous l’oubliez.
profiles-again = Répétez la phrase secrète
profiles-not-alike = Les deux phrases secrètes diffèrent.
profiles-import = Importer un profil
profiles-import-title = Importer un profil
profiles-import-why = Depuis un fichier exporté ailleurs. Ensuite, ne l’utilisez plus qu’ici : ses clés ne doivent pas servir à deux endroits.
profiles-import-from = Chemin du fichier
profiles-import-now = Importer
profiles-busy = Un instant…
profiles-nothing = Continuer sans rien garder

profile-title = Votre profil
profile-front = Mettre la fenêtre au premier plan pour les appels
profile-locked-keyring = Verrouillé par le trousseau de cet ordinateur.
profile-locked-passphrase = Verrouillé par une phrase secrète. Elle vous est redemandée avant tout changement ici.
profile-passphrase = Phrase secrète
profile-switch = Autres profils
profile-export = Exporter ce profil
profile-export-why = Un fichier avec tout le profil, chiffré avec sa propre phrase secrète. Ne continuez pas à utiliser le profil ici en même temps que la copie.
profile-export-to = Chemin du nouveau fichier
profile-export-now = Exporter
profile-sealed-with = Phrase secrète du fichier
profile-delete = Supprimer ce profil
profile-delete-why = Ses contacts, salons, discussions et clés sont supprimés pour de bon. Personne n’en est averti.
profile-delete-surely = Oui, supprimer ce profil
profile-delete-everything = Tout supprimer
profile-delete-everything-why = Tous les profils et tout ce qu’ils contiennent sont supprimés pour de bon. Tapez « { $word } » pour continuer.
profile-delete-word = tout
profile-delete-type = Tapez le mot
profile-delete-wrong-word = Ce n’est pas le mot. Rien n’a été supprimé.
profile-delete-everything-surely = Oui, tout supprimer

safe-kept = Enregistré
safe-exported = Le profil a été exporté
safe-wrong-passphrase = La phrase secrète est incorrecte.
safe-unusable-passphrase = Saisissez une phrase secrète d’au plus 1024 octets.
safe-no-keyring = Le trousseau de cet ordinateur ne répond pas.
safe-key-missing = La clé de ce profil n’est pas dans le trousseau.
safe-newer = Ceci vient d’une version plus récente. Mettez In Camera à jour pour l’utiliser.
safe-no-export = Ce fichier n’est pas un profil exporté, ou ne peut pas être remplacé.
safe-damaged = Les données enregistrées sont abîmées.
safe-in-use = Une autre fenêtre utilise ce profil.
safe-disk-full = Le disque est plein.
safe-no-profile = Ce profil n’existe plus.
safe-not-ours = Supprimé. Autre chose se trouve dans le même dossier et y a été laissé.
safe-refused = Le système a refusé de lire ou d’écrire le profil.

home-first = Il n’y a encore personne. Invitez quelqu’un, qui devient alors un contact. Chaque contact vous connaît par une clé différente.
home-invite = Inviter quelqu’un
home-entering = Une invitation
home-waiting = En attente d’être admis…
home-invited = Invitation pas encore acceptée
home-nothing = Pas encore de messages
home-undelivered = En attente de remise
home-ringing = Vous appelle
home-calling = Appel…
home-in-call = Vous êtes dans l’appel
home-call = Appel en cours, { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
home-knocks = { $count ->
    [one] Quelqu’un est à la porte
   *[other] { $count } personnes sont à la porte
}
home-unread = { $count ->
    [one] { $count } message non lu
   *[other] { $count } messages non lus
}
home-present = { $count ->
    [0] personne d’autre n’est là
   *[other] { $count } là
}
home-call-goes-on = Vous êtes dans un appel : { $room }
home-return = Y retourner
home-hang-up = Raccrocher
header-home = Contacts et salons ; l’appel continue
header-calling = Appel…

presence-here = là
presence-away = absent
presence-reconnecting = reconnexion
presence-away-why = Absent. Vos messages attendent ici son retour.
presence-direct = Là, relié directement
presence-relayed = Là, par un relais qui ne voit que des données chiffrées
presence-forwarded = Là, par un autre membre
link-reconnecting = Reconnexion…
link-offline = Reconnexion : vous êtes hors ligne
link-no-relay = Reconnexion : aucun relais ne répond

room-new = Nouveau salon
room-kept = Garder le salon
room-kept-why = Un salon gardé reste, avec ses clés et sa discussion, quand les gens vont et viennent.
room-ephemeral = Ne rien laisser
room-ephemeral-why = Un salon qui ne laisse rien dure tant qu’il y a quelqu’un, et son appel commence aussitôt.

call-plain = Appeler
call-video = Appeler en vidéo
call-missed = Appel manqué de { $name }
ring-plain = Vous appelle
ring-video = Vous appelle en vidéo
ring-room = Appelle dans { $room }
ring-accept = Répondre
ring-accept-video = En vidéo
ring-decline = Refuser
ring-ends = Répondre met fin à votre appel avec { $name }.
ring-ends-for-good = Vous êtes dans { $name }. Répondre vous en fait sortir pour de bon : ses messages disparaissent, et vous ne pourrez plus y revenir.
ring-end-and-answer = Raccrocher et répondre
ring-end-and-answer-video = Raccrocher, en vidéo
ring-leave-and-answer = Quitter et répondre
ring-leave-and-answer-video = Quitter, en vidéo
knock-one = { $name } est à la porte
knock-admit = Faire entrer
knock-refuse = Refuser

chat-write = Écrire un message
chat-nothing-kept = Pas encore de messages. Les messages sont chiffrés, gardés sur vos seuls ordinateurs, et attendent ici quand l’autre est absent.
chat-waiting = en attente
chat-delivered = remis
chat-brings = Vous invite dans { $room }
chat-take-brought = Rejoindre
chat-call-held = Appel, { $minutes } min
chat-missing = { $count ->
    [one] Il manque { $count } message
   *[other] Il manque { $count } messages
}
chat-needs-newer = Ce message demande une version plus récente. Mettez In Camera à jour pour le lire.
chat-choose = Plus
chat-choose-nothing = Annuler
chat-replying = Répondre à { $name }
chat-editing = Modifier votre message
chat-edit = Modifier
chat-delete = Supprimer pour tous
chat-edited = modifié
chat-deleted = Message supprimé
chat-reply-to-older = Réponse à un message précédent
chat-call-missed = Appel manqué
chat-call-declined = Appel refusé
chat-renamed = s’appelle maintenant { $to }

invite-contact-title = Inviter quelqu’un
invite-contact-how = Cette personne devient un contact, avec des clés que vous seuls avez. Pour qui est l’invitation ? Vous seul voyez cette note.
invite-contact-show = Montrez ce code, ou envoyez le lien par un moyen sûr. La première personne qui s’en sert devient ce contact.
invite-for = Une invitation pour { $name }
invite-label = Pour qui
invite-whom = Saisissez pour qui elle est.
invite-make = Créer une invitation
invite-none = Il n’y a pas d’invitation ouverte à ce salon.
invite-used-up = L’invitation a servi, a expiré ou a été révoquée.
invite-another = Invitation suivante
invite-open = Invitations ouvertes
invite-revoke = Révoquer
invite-once = Une fois
invite-many = Pour plusieurs
invite-hour = 1 heure
invite-day = 1 jour
invite-week = 1 semaine
invite-forever = Jusqu’à révocation
invite-waiting-room = Salle d’attente

accept-title = Accepter une invitation
accept-how = Collez le lien, nommez ou déposez une image du code, ou présentez le code à la caméra.
accept-picture = Depuis une image
accept-file = Chemin d’un fichier PNG ou JPEG
accept-read = Lire
accept-scan = Scanner avec la caméra
accept-scan-stop = Arrêter la caméra
accept-scanning = Présentez le code à la caméra
accept-take = Accepter
accept-unreadable = Le fichier est illisible.
accept-no-picture = Le fichier n’est pas une image PNG ou JPEG, ou elle est abîmée.
accept-too-large = L’image est trop grande.
accept-no-code = Il n’y a pas de code lisible dans l’image.

about-more = Plus
about-code = Vérification
about-code-why = Comparez des mots, des chiffres ou une image, pour être sûrs que personne n’est entre vous.
about-code-none = Il y aura quelque chose à comparer dès que l’invitation aura été acceptée.
about-verified = Vérifié
about-label = Nom
about-label-hint = Votre nom pour ce contact
about-rules = Appels
about-may-ring = Peut sonner
about-may-video = Peut sonner en vidéo
about-room-rings = Les appels de ce salon sonnent
about-quiet = Heures calmes : aucun appel ne sonne entre ces heures. Laissez les deux champs vides pour n’en avoir aucune.
about-quiet-from = De, par exemple 22:00
about-quiet-until = À, par exemple 07:00
about-quiet-unreadable = Saisissez les deux heures comme 22:00.
about-show-invitation = Montrer l’invitation
about-bring = Inviter dans un salon
about-bring-into = Dans quel salon ?
about-bring-none = Vous n’avez pas encore de salon gardé.
about-forget = Oublier
about-forget-why = Sa clé, votre discussion et vos invitations sont supprimées pour de bon. Cette personne est avertie que c’est fini.
about-forget-surely = Oui, oublier ce contact
about-remove = Retirer { $name }
about-nobody = Personne d’autre n’est encore membre.
about-invitations = { $count ->
    [one] { $count } invitation
   *[other] { $count } invitations
}
about-leave = Quitter le salon
about-leave-why = Vous n’en êtes plus membre, et ses clés et sa discussion sont supprimées de cet ordinateur.
about-leave-surely = Oui, quitter le salon
about-compare = Comparer
about-room-code = Les mots du salon
about-room-code-why = Les mêmes pour tous ceux qui sont dans le salon en ce moment, et pour personne d’autre. Ils changent quand les membres changent.

verify-title = Comparer avec { $name }
verify-how = Lisez vos mots à voix haute pendant que l’autre les vérifie sur son écran. Puis l’autre lit les siens, et vous vérifiez. De vive voix, ou dans un appel où vous reconnaissez la voix.
verify-you-read = Vous lisez
verify-they-read = L’autre lit
verify-digits = Ou comparez ces chiffres
verify-show = Ou comparez une image
verify-show-how = Faites scanner votre code. Scannez celui de l’autre avec la caméra, ou depuis un fichier d’image.
verify-same = Ils sont identiques
verify-different = Ils sont différents
verify-none = Préparation de la comparaison…
verify-not = Pas encore comparé
verify-everybody = Tout le monde est vérifié
verify-broken-short = Nouvelles clés : comparez de nouveau
verify-as = Vérifié comme { $name }
verify-renamed-short = Vérifié sous un autre nom
verify-renamed = Vous avez vérifié cette personne sous un autre nom. Les clés sont les mêmes, mais le nom est nouveau : c’est peut-être celui de quelqu’un d’autre.
verify-ambiguous-short = Quelqu’un d’autre a ce nom
verify-ambiguous = Un autre membre de ce salon a ou a eu un nom qui ressemble à celui-ci. Comparez avant de lui faire confiance.
verify-broken = Cette personne porte le nom de quelqu’un que vous avez vérifié, mais avec d’autres clés. Comparez avant de lui faire confiance : c’est peut-être quelqu’un d’autre.
verify-matches = C’est identique : vérifié.
verify-differs = C’est différent : quelqu’un est peut-être entre vous. Ne dites rien ici que personne d’autre ne doit savoir.
verify-own = C’est votre propre code. Scannez celui que l’autre montre.
verify-no-code = Ce n’est pas un code de vérification.
verify-damaged = Le code est abîmé ou incomplet. Lisez-le de nouveau.
verify-newer = Le code vient d’une version plus récente. Mettez In Camera à jour pour l’utiliser.

network-title = Réseau
network-reach = Où In Camera peut se connecter
network-internet = Internet
network-lan = Réseau local seulement
network-local = Cet ordinateur seulement
network-internet-why = Vous pouvez trouver et joindre les gens partout.
network-lan-why = Vous ne pouvez trouver et joindre que les gens des réseaux de cet ordinateur. Rien ne part vers Internet.
network-local-why = Rien ne quitte cet ordinateur.
network-relays = Relais
network-relays-hint = Adresses de relais, comme https://relay.example.org
network-more = Trouver les gens, et se cacher
network-dht = Trouver les gens par la DHT
network-dht-hint = Nœuds d’entrée de la DHT, comme hôte:6881
network-hide = Cacher mon adresse
network-hide-why = Tout passe par des relais : les gens à qui vous parlez n’apprennent pas votre adresse. C’est plus lent.
network-passphrase = Phrase secrète, pour garder ces réglages
network-apply = Appliquer
network-not-kept = Valable jusqu’à la fermeture de la fenêtre.
reach-unknown = Pas encore connu
reach-offline = Vous êtes hors ligne : cet ordinateur n’a pas de réseau
reach-relay-off = Aucun relais n’est utilisé : les gens derrière des routeurs stricts sont peut-être injoignables.
reach-relay-off-hidden = Votre adresse est cachée et aucun relais n’est indiqué : personne n’est joignable.
reach-relay-trying = Recherche d’un relais…
reach-relay-works = Un relais répond : les gens derrière des routeurs stricts sont joignables.
reach-relay-unreachable = Aucun relais ne répond : les gens derrière des routeurs stricts sont injoignables.
reach-dht-off = La DHT est désactivée : on trouve les gens sur ce réseau, à leur dernière adresse, ou par une nouvelle invitation.
reach-dht-trying = Connexion à la DHT…
reach-dht-works = La DHT répond : on trouve les contacts où qu’ils soient.
reach-dht-unreachable = La DHT ne répond pas : les contacts qui ont changé d’adresse restent introuvables.
reach-lan-on = On trouve aussitôt les gens de ce réseau local.
reach-lan-off = On ne cherche pas les gens du réseau local.

notice-room-removed-you = Un salon ou un contact est terminé : vous n’en êtes plus membre
notice-room-failed = Un salon n’a pas pu continuer
trouble-store-refused = Impossible d’écrire sur le disque. In Camera réessaie
trouble-no-store = Rien n’est gardé ici : ouvrez un profil pour avoir des contacts et des salons gardés
trouble-call-full = L’appel est complet : il compte 16 personnes
trouble-read-only = Vous ne pouvez plus écrire dans ce salon
trouble-older-copy = Ceci est une copie ancienne de votre profil : les messages échangés depuis y manquent. N’utilisez qu’une seule copie
trouble-room-is-crowded = Il y a plus de messages dans ce salon qu’on ne peut en garder à la fois : certains arriveront plus tard
read-only-said = D’autres disent que vous avez été retiré
read-only-removed = Vous avez été retiré ; vous pouvez encore lire
read-only-contact = Votre contact a mis fin à la relation ; vous pouvez encore lire
trouble-left-alone = Vous êtes seul dans l’appel : votre caméra, votre micro et le partage d’écran ont été coupés
trouble-call-left-alone = L’appel est terminé : personne d’autre n’y était depuis au moins dix minutes
trouble-clock-in-doubt = L’horloge de cet ordinateur est peut-être fausse : elle indique { $time }. Les contacts restent introuvables tant qu’elle n’est pas juste : réglez-la dans les paramètres du système.
trouble-other-version = Quelqu’un utilise une autre version d’In Camera : l’un de vous doit faire la mise à jour
trouble-in-another-call = Vous êtes dans un autre appel : raccrochez d’abord

share-title = Partager l’écran
share-how = Tout le monde le voit pendant l’appel, avec le pointeur. D’une fenêtre, on ne voit que cette fenêtre.
share-looking = Demande au bureau…
share-nothing = Ce bureau ne permet pas de partager son écran.
share-whole = Tout l’écran
share-portal = Choisir dans la fenêtre du bureau…
notice-sharing = Vous partagez votre écran avec tout le monde dans l’appel

confirm-remove = Retirer { $name } ?
confirm-remove-why = Désormais, cette personne n’entend, ne voit et ne lit plus rien ici. Les invitations ouvertes au salon prennent fin aussi. C’est irréversible.
confirm-forget = Oublier { $name } ?
confirm-leave = Quitter { $name } ?
confirm-leave-to-answer-why = Rien de ce salon n’est conservé : ses messages disparaissent, et vous ne pourrez plus y revenir. Les autres continuent sans vous.
confirm-delete-profile = Supprimer ce profil ?
confirm-quit = Quitter pendant l’appel ?
confirm-quit-why = Vous quittez l’appel, et les autres continuent sans vous.
confirm-quit-surely = Quitter
confirm-ends-call = Cela met fin à votre appel
confirm-ends-call-why = Le profil ou ses connexions sont rouverts pour cela. Vous quittez l’appel, et les autres continuent sans vous.
confirm-ends-call-surely = Terminer l’appel et continuer

invite-copied-why = Un lien copié est retiré du presse-papiers au bout d’une minute, et quand la fenêtre se ferme.
home-choose = Choisissez un contact ou un salon à gauche
notice-no-camera = Aucune caméra n’est choisie : branchez-en une, ou choisissez-la sous « Caméra, microphone, haut-parleur »
notice-no-microphone = Aucun microphone n’est choisi : branchez-en un, ou choisissez-le sous « Caméra, microphone, haut-parleur »
safe-stopped = Arrêté. Rien n’a été changé.
quit-waits = Quelque chose est encore en cours d’enregistrement ; la fenêtre se fermera ensuite. Quittez encore une fois pour la fermer tout de suite.
chat-call-unanswered = Pas de réponse
call-declined = { $name } a refusé votre appel
call-unanswered = Votre appel à { $name } est resté sans réponse
