# shellcheck shell=sh
# The lines of an order: name, architecture, version, installed version and advisories, parted by tabs.
# shellcheck disable=SC2034

# names_of FILE: its packages as name/arch, parted by blanks.
names_of() {
    cut -f 1,2 "$1" | tr '\t\n' '/ '
}

# order_fields LINE: sets name, arch, version, installed and advisories, any of which may be empty.
order_fields() {
    fields_rest="$1	"
    name=${fields_rest%%	*} fields_rest=${fields_rest#*	}
    arch=${fields_rest%%	*} fields_rest=${fields_rest#*	}
    version=${fields_rest%%	*} fields_rest=${fields_rest#*	}
    installed=${fields_rest%%	*} fields_rest=${fields_rest#*	}
    advisories=${fields_rest%%	*}
}

count_lines() {
    count_said=$(wc -l <"$1")
    printf '%s\n' "$((count_said))"
}

