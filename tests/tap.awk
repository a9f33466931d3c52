# Reads what one test program printed, in TAP, and judges it.
#
#   awk -v status=EXIT_STATUS -f tap.awk OUTPUT
#
# Prints "PASSED FAILED SKIPPED", and then each failure with its diagnostics. A program
# that printed no plan, a plan for another number of results, none at all, or nothing
# wrong and yet failed, did not do what it was to do: that is a failure as well.

function fail(why) { failed++; shown[++lines] = "not ok - " why }

{ sub(/\r$/, "") }
/^not ok/ && /# *[Tt][Oo][Dd][Oo]/ { skipped++; showing = 0; next }
/^not ok/ { failed++; results++; shown[++lines] = $0; showing = 30; next }
/^ok/ && /# *[Ss][Kk][Ii][Pp]/ { skipped++; showing = 0; next }
/^ok/ { passed++; results++; showing = 0; next }
/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; plans++; whole_skip = /# *[Ss][Kk][Ii][Pp]/; next }
/^Bail out!/ { bail = $0; next }
/^#/ && showing > 0 { shown[++lines] = $0; showing--; next }
!/^#/ && NF { other[NR % 20] = $0; last_other = NR }

END {
	if (bail) fail(bail)
	else if (plans != 1) fail("printed " (plans ? plans " plans" : "no plan") ", status " status)
	else if (planned != results + skipped) fail("planned " planned " results, gave " results + skipped)
	else if (planned == 0 && !whole_skip) fail("no results")
	else if (status != 0 && !failed) fail("all passed, but the status is " status)
	else last_other = 0
	# What it said before it went wrong.
	if (last_other)
		for (i = NR - 19; i <= NR; i++)
			if (i > 0 && (i % 20) in other && i <= last_other) shown[++lines] = "# " other[i % 20]
	print passed + 0, failed + 0, skipped + 0
	for (i = 1; i <= lines; i++) print shown[i]
}
