package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** A file of which a part is sent: the program's own, or an {@link AsyncFile}. Loop thread only. */
interface SourceFile {

    /** Takes the position for as long as this goes on; {@link #end} gives it back. */
    void begin();

    /** Returns what the driver can send from; throws {@link UnsupportedOperationException} if it cannot. */
    Fd borrow();

    /** Gives back what {@link #borrow} has returned. */
    void giveBack(Fd borrowed);

    /** Reads from a place in the file on, and moves the buffer's position; by nothing at the end. Suspends. */
    void readAt(long position, ByteBuffer block) throws IOException;

    /** Ends this, with the position where it was, or behind the last byte that was sent. */
    void end(long position, boolean moved) throws IOException;

    /** Returns a file that the program has opened, and may go on using. */
    static SourceFile of(EventLoop loop, FileChannel file) {
        return new SourceFile() {

            @Override
            public void begin() {}

            @Override
            public Fd borrow() {
                return loop.driver().adopt(file);
            }

            @Override
            public void giveBack(Fd borrowed) {
                borrowed.release();
            }

            @Override
            public void readAt(long position, ByteBuffer block) throws IOException {
                loop.perform(new Op.Blocking<>(() -> file.read(block, position)));
            }

            @Override
            public void end(long position, boolean moved) throws IOException {
                if (moved) {
                    try {
                        file.position(position);
                    } catch (ClosedChannelException e) {
                        // Whoever has closed it does not care where it is.
                    }
                }
            }

            @Override
            public String toString() {
                return file.toString();
            }
        };
    }
}
