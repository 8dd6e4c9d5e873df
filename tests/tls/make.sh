#!/bin/sh
# Makes the certificates of the tests anew, but for those of the first authority: an authority whose key is thrown away,
# and certificates for `server.key` of which each is wrong in one way. Run it in this directory; it takes openssl.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/ca.key" -out wrong-ca.pem \
    -subj '/CN=regtrail tests of what is wrong' -days 36500 \
    -addext keyUsage=critical,keyCertSign 2>/dev/null

touch "$work/index"
echo 01 > "$work/serial"
cat > "$work/ca.cnf" <<END
[ca]
default_ca = own
[own]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
END

# NAME SUBJECT-ALTERNATIVE-NAME FROM TO
make() {
    openssl req -new -key server.key -subj "/CN=$1" -addext "subjectAltName=$2" \
        -addext basicConstraints=CA:FALSE -out "$work/$1.csr"
    openssl ca -batch -notext -config "$work/ca.cnf" -cert wrong-ca.pem -keyfile "$work/ca.key" \
        -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$1.pem" 2>/dev/null
}
make expired IP:127.0.0.1 20200101000000Z 20210101000000Z
make not-yet-valid IP:127.0.0.1 21000101000000Z 21100101000000Z
make named IP:127.0.0.1 20200101000000Z 21200101000000Z
make other-host DNS:audit.example.com 20200101000000Z 21200101000000Z
openssl req -x509 -new -key server.key -subj '/CN=self-signed' -days 36500 -out self-signed.pem \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE
