# What a machine runs to introduce itself. `shell_line` drops comments and joins the lines with spaces, and `echo` gives it
# to sh: so every line ends a command or opens a block, and there is no single quote, no backslash, no exclamation mark.
# Anything but sh and ssh may be missing: what it would have said is left out then.
umask 077;
# Who is not root may have no ip in the path.
PATH=$PATH:/usr/sbin:/sbin;
none() { echo "$1: nothing was introduced. Install the client of OpenSSH." >&2; exit 127; };
command -v ssh >/dev/null || none "There is no ssh";
case $(ssh -V 2>&1) in Dropbear*) none "This ssh is that of Dropbear";; esac;
d=${TMPDIR:-/tmp}/patchdeck.$$;
mkdir "$d" || exit 1;
clean() { rm -rf "$d"; };
trap clean 0;
trap "exit 1" 1 2 15;
cd "$d" || exit 1;
# echo is a part of the shell: the key is in no list of processes.
{ echo "-----BEGIN OPENSSH PRIVATE KEY-----"; echo @KEY@; echo "-----END OPENSSH PRIVATE KEY-----"; } >key;
for k in @HOST_KEYS@; do echo "console $k"; done >hosts;
@INSTALL@
# echo of some shells takes a backslash for more than one, and a user of a domain has one: DOMAIN and name.
say() { printf %s "$1 $2"; echo; };
hostkey() { t=; b=; [ -r "$1" ] && read -r t b r <"$1"; [ -z "$b" ] || say key "$t $b"; };
introduce() {
echo "@HEADING@";
echo "proof @PROOF@";
say name "$(uname -n)";
say fqdn "$(hostname -f)";
say os "$(uname -s)";
say system "$(. /etc/os-release && printf %s "$PRETTY_NAME, ")$(uname -srm)";
# A file may end without a newline: read fails then, and has read.
m=; read -r m </etc/machine-id; say machine-id "$m";
m=; read -r m </sys/class/dmi/id/product_uuid; say system-uuid "$m";
say user "$(id -un)";
for k in /etc/ssh/ssh_host_*_key.pub; do hostkey "$k"; done;
cat /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config | while read -r w v r; do
case $w in [Pp][Oo][Rr][Tt]) say port "$v";; [Hh]ost[Kk]ey) hostkey "$v.pub";; esac; done;
a=$(ip -o addr show scope global | while read -r n i f a r; do echo "${a%%/*}"; done);
c=0; for a in ${a:-$(hostname -I)}; do c=$((c+1)); [ $c -gt 16 ] || say address "$a"; done;
for t in "$@"; do say tag "$t"; done;
[ -z "$installed" ] || say key-installed "$installed";
echo @ENDING@; };
# All is said before the connection is made: looking up a name may take longer than the console waits.
introduce "$@" >introduction 2>/dev/null;
ssh -F /dev/null -T -a -x -i key -p @PORT@ -o IdentitiesOnly=yes -o PreferredAuthentications=publickey -o BatchMode=yes -o StrictHostKeyChecking=yes -o HostKeyAlias=console -o UserKnownHostsFile=hosts -o GlobalKnownHostsFile=/dev/null -o ConnectTimeout=20 -o ServerAliveInterval=10 -l @USER@ @HOST@ <introduction
