package dev.rondo.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A test whose body is a coroutine, run in one schedule after another under virtual time: first the plain one, then one
 * for each seed. Each is an invocation of its own in JUnit, named {@code plain}, {@code seed 1}, {@code seed 2}…, with
 * a fresh instance and the whole lifecycle around it. It stands in place of {@code @Test}: next to that, or to
 * {@code @ParameterizedTest} or {@code @RepeatedTest}, the method would run a second time, outside of any loop.
 *
 * <pre>{@code
 * @LoopTest
 * void nobodyOverdraws(Sim sim) {
 *     Account account = new Account(100);
 *     gather(() -> account.withdraw(60), () -> account.withdraw(60));
 *     assertTrue(account.balance() >= 0);
 * }
 * }</pre>
 *
 * <p>The method may have parameters of type {@link Sim}, {@link dev.rondo.testkit.net.Network},
 * {@link dev.rondo.time.Clock}, {@link dev.rondo.EventLoop}, and whatever a {@link SimParameter} provides, next to
 * those of other extensions. The loop runs on a platform thread of its own; {@code @BeforeEach} and {@code @AfterEach}
 * run outside of it, so they cannot await.
 *
 * <p>A test fails, too, if it leaves tasks behind, if nothing can go on any more, or if a failure is reported to the
 * loop's exception handler. A failure keeps its type and message; the schedule, the plainest one that fails in the same
 * way, and the line that replays it are added as a suppressed exception. To find that schedule the test is run again,
 * 200 times at most.
 *
 * <p>The first schedule that passes, and every tenth after it, is run twice more (of more than a hundred every
 * hundredth; none whose run has more than 100,000 steps): a test in which the same schedule does not go the same way
 * fails, since nobody could have its failures again. Whatever is run again is so on fresh instances, after its
 * {@code @AfterEach} and with its {@code @BeforeEach} and {@code @AfterEach} around it. Of other extensions only
 * parameters and injected fields take part in that: a {@code @TempDir} is still that of the first run.
 *
 * <p>These system properties, or configuration parameters of JUnit, hold for all such tests that run:
 *
 * <ul>
 *   <li>{@code -Drondo.seed=17} runs that seed alone;
 *   <li>{@code -Drondo.tape=1,0x3,2} runs the schedule of that tape alone;
 *   <li>{@code -Drondo.seeds=1000} runs so many seeds, but of a test with {@code seeds = 0} none.
 * </ul>
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD) // a schedule may build on those before it
@ExtendWith(LoopTestExtension.class)
public @interface LoopTest {

    /** How many schedules there are after the plain one. 0 where the subject of the test is the order itself. */
    int seeds() default 20;

    /** How schedules are looked for. */
    Explore explore() default Explore.SHUFFLE;

    /** For {@link Explore#PCT}: how many events must come in order for the bug. */
    int depth() default 3;

    /** Whether tasks may be left when the body ends; they are cancelled then. */
    boolean leftovers() default false;

    /** Whether faults may happen: what is allowed and seldom comes, such as a spurious wake-up. */
    boolean faults() default false;

    /**
     * Whether some schedules that pass, one in ten, are run twice more, to see that they always go the same way: with
     * another, no seed or tape brings a failure back.
     */
    boolean repeats() default true;

    /**
     * After how many steps of coroutines and callbacks a schedule fails, since it may never end. Where virtual time
     * does not pass meanwhile it fails after 500,000 of them, or a tenth of these if that is more.
     */
    long maxSteps() default 5_000_000;

    /**
     * After how many seconds of real time a schedule fails, since it is stuck: computes for ever, or waits in blocking
     * code. JUnit's {@code @Timeout} works as well.
     */
    int realSeconds() default 60;
}
