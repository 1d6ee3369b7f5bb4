package dev.rondo;

import dev.rondo.Program.Block;
import dev.rondo.Program.Child;
import dev.rondo.Program.Children;
import dev.rondo.Program.Policy;
import dev.rondo.Program.Scope;
import dev.rondo.Program.Section;
import dev.rondo.Program.Step;
import dev.rondo.Program.Strike;
import dev.rondo.Program.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/** Makes {@link Program}s, out of some kinds of steps only: where all are mixed, few of a kind ever meet. */
final class Programs {

    /** Kinds of steps that belong together. */
    enum Kind {
        SECTIONS,
        ITEMS,
        TIMES,
        TASKS,
        GROUPS,
        FAILURES,
        SWALLOWING
    }

    private static final int DEPTH = 3;

    private final Set<Kind> kinds;

    private Programs(Set<Kind> kinds) {
        this.kinds = kinds;
    }

    static Arbitrary<Program> of(Kind... kinds) {
        return new Programs(Set.copyOf(Arrays.asList(kinds))).programs();
    }

    private Arbitrary<Program> programs() {
        Block nothing = new Block(List.of());
        return Combinators.combine(
                        block(DEPTH).list().ofMinSize(1).ofMaxSize(4),
                        strike().list().ofMaxSize(5),
                        Arbitraries.integers().between(5, 60),
                        Arbitraries.of(false, true),
                        Arbitraries.longs())
                .as(Program::new)
                .filter(program -> !program.tasks().stream().allMatch(nothing::equals));
    }

    private static Arbitrary<Strike> strike() {
        return Combinators.combine(
                        Arbitraries.of(Target.TASK, Target.TASK, Target.TASK, Target.SCOPE, Target.GROUP),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, 5),
                        pick(),
                        Arbitraries.of(false, false, true))
                .as(Strike::new);
    }

    private static Arbitrary<Integer> pick() {
        return Arbitraries.integers().between(0, 15);
    }

    private static Arbitrary<Integer> millis() {
        return Arbitraries.integers().between(0, 8);
    }

    private Arbitrary<Block> block(int depth) {
        return step(depth).list().ofMaxSize(depth == DEPTH ? 4 : 3).map(Block::new);
    }

    private Arbitrary<List<Block>> blocks(int depth) {
        return block(depth).list().ofMinSize(1).ofMaxSize(3);
    }

    private Arbitrary<Step> step(int depth) {
        List<Tuple2<Integer, Arbitrary<Step>>> steps = new ArrayList<>();
        addLeaves(steps);
        if (depth > 0) {
            addNested(steps, depth - 1);
        }
        return Arbitraries.frequencyOf(steps);
    }

    private void addLeaves(List<Tuple2<Integer, Arbitrary<Step>>> steps) {
        steps.add(Tuple.of(3, Arbitraries.just(new Step.Yield())));
        steps.add(Tuple.of(4, millis().map(Step.Pause::new)));
        steps.add(Tuple.of(
                2,
                Combinators.combine(
                                Arbitraries.of(Target.TASK, Target.TASK, Target.SCOPE, Target.GROUP),
                                pick(),
                                Arbitraries.of(false, false, true))
                        .as(Step.Cancel::new)));
        if (kinds.contains(Kind.SECTIONS)) {
            steps.add(Tuple.of(1, Arbitraries.just(new Step.AwaitEvent())));
            steps.add(Tuple.of(1, Arbitraries.just(new Step.MeetAtBarrier())));
        }
        if (kinds.contains(Kind.ITEMS)) {
            steps.add(Tuple.of(4, Arbitraries.of(new Step.Put(), new Step.Take())));
            steps.add(Tuple.of(4, Arbitraries.of(new Step.Send(), new Step.Receive())));
        }
        if (kinds.contains(Kind.TASKS)) {
            steps.add(Tuple.of(1, millis().map(Step.AwaitPromise::new)));
        }
        if (kinds.contains(Kind.FAILURES)) {
            steps.add(Tuple.of(2, Arbitraries.just(new Step.Fail())));
        }
    }

    private void addNested(List<Tuple2<Integer, Arbitrary<Step>>> steps, int depth) {
        Arbitrary<Block> body = block(depth);
        steps.add(Tuple.of(1, Combinators.combine(body, block(0)).as(Step.CleanUp::new)));
        if (kinds.contains(Kind.SECTIONS)) {
            steps.add(Tuple.of(
                    8, Combinators.combine(Arbitraries.of(Section.class), body).as(Step.In::new)));
        }
        if (kinds.contains(Kind.TIMES)) {
            steps.add(Tuple.of(3, Combinators.combine(millis(), body).as(Step.WithinTimeout::new)));
            steps.add(Tuple.of(
                    3,
                    Combinators.combine(Arbitraries.of(Scope.class), millis(), body)
                            .as(Step.WithinScope::new)));
        }
        if (kinds.contains(Kind.TASKS)) {
            steps.add(Tuple.of(
                    4,
                    Combinators.combine(Arbitraries.of(Child.class), millis(), body)
                            .as(Step.WithChild::new)));
            steps.add(Tuple.of(
                    3,
                    Combinators.combine(
                                    Arbitraries.of(Children.class),
                                    Arbitraries.integers().between(1, 3),
                                    blocks(depth))
                            .as(Step.WithChildren::new)));
            Arbitrary<Integer> few = Arbitraries.integers().between(0, 2);
            steps.add(Tuple.of(1, Combinators.combine(few, few, block(0)).as(Step.Generate::new)));
        }
        if (kinds.contains(Kind.GROUPS)) {
            steps.add(Tuple.of(
                    6,
                    Combinators.combine(
                                    Arbitraries.of(Policy.class),
                                    Arbitraries.integers().between(0, 2),
                                    Arbitraries.of(false, true),
                                    blocks(depth),
                                    body)
                            .as(Step.Group::new)));
        }
        if (kinds.contains(Kind.FAILURES)) {
            steps.add(Tuple.of(1, body.map(Step.Catch::new)));
        }
        if (kinds.contains(Kind.SWALLOWING)) {
            steps.add(Tuple.of(
                    2, Combinators.combine(Arbitraries.of(false, true), body).as(Step.Swallow::new)));
        }
    }
}
