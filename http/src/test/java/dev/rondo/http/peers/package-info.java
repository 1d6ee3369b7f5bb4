/** Both ends against programs that others wrote. Where one is not installed, its test is skipped, and says so. */
package dev.rondo.http.peers;
