/**
 * A watcher in the background, then `exec`: the program keeps the shell's pid, so signals and its death need no
 * forwarding. The end of standard input means that the owner is gone: SIGTERM, and SIGKILL after 5 s. Plain POSIX sh
 * (dash, bash 3.2), where a background command loses standard input unless it is passed on another descriptor.
 */
export const guardScript = `
exec 3<&0
(
  trap '' HUP INT TERM
  cat >/dev/null
  kill -TERM $$
  for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; kill -0 $$ || exit 0; done
  kill -KILL $$
) <&3 >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-
`
