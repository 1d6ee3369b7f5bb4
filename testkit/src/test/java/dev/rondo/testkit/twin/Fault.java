package dev.rondo.testkit.twin;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A slip in one method: {@code Fault.in("dev.rondo.WaitList", "await").dropsCall("run")}. It is made in the bytes of
 * the class as a {@link Twin} loads it, so that core ships no switch for it.
 */
record Fault(String type, String method, String what, Supplier<Edit> edits) {

    /** Goes through the body of a method; made anew for each, since it may count. */
    @FunctionalInterface
    interface Edit {

        /** Writes something in place of an element, or nothing; returns false to leave it as it is. */
        boolean replaces(CodeElement element, CodeBuilder code);
    }

    /** Names the method, with every overload of it, that the slip is in. */
    static In in(String type, String method) {
        return new In(type, method);
    }

    @Override
    public String toString() {
        return type.substring(type.lastIndexOf('.') + 1) + "." + method + " " + what;
    }

    /**
     * Returns the class with the slip in it.
     *
     * @throws AssertionError if there is nothing that it could be made in: what it proves would be nothing
     */
    byte[] plant(byte[] original) {
        AtomicInteger replaced = new AtomicInteger();
        ClassFile classFile = ClassFile.of();
        byte[] planted = classFile.transformClass(
                classFile.parse(original),
                ClassTransform.transformingMethodBodies(
                        candidate -> candidate.methodName().equalsString(method), CodeTransform.ofStateful(() -> {
                            Edit edit = edits.get();
                            return (code, element) -> {
                                if (edit.replaces(element, code)) {
                                    replaced.incrementAndGet();
                                } else {
                                    code.with(element);
                                }
                            };
                        })));
        if (replaced.get() == 0) {
            throw new AssertionError("the fault was not planted: " + this + " matches nothing. Has the code changed?");
        }
        return planted;
    }

    /** The slips that a method can have. Where a name comes several times, all are meant, unless there is a number. */
    record In(String type, String method) {

        /** Any other slip. */
        Fault fault(String what, Edit edit) {
            return new Fault(type, method, what, () -> edit);
        }

        /** A call is not made; what it would have returned is 0, false or null. */
        Fault dropsCall(String callee) {
            return answersCall(callee, 0);
        }

        /** A call is not made, and answered with this: 1 for true. */
        Fault answersCall(String callee, int answer) {
            return fault("takes " + answer + " for " + callee + "()", (element, code) -> {
                if (!(element instanceof InvokeInstruction call) || !call.name().equalsString(callee)) {
                    return false;
                }
                MethodTypeDesc signature = call.typeSymbol();
                signature.parameterList().reversed().forEach(parameter -> pop(code, parameter));
                if (call.opcode() != Opcode.INVOKESTATIC) {
                    code.pop();
                }
                push(code, signature.returnType(), answer);
                return true;
            });
        }

        /** Calls another method of the same class and signature. */
        Fault callsInstead(String callee, String other) {
            return fault("calls " + other + "() for " + callee + "()", (element, code) -> {
                if (!(element instanceof InvokeInstruction call) || !call.name().equalsString(callee)) {
                    return false;
                }
                code.invoke(call.opcode(), call.owner().asSymbol(), other, call.typeSymbol(), call.isInterface());
                return true;
            });
        }

        /** Makes an object of another class, with the same arguments. */
        Fault makesInstead(String made, String other) {
            ClassDesc madeType = ClassDesc.of(made);
            ClassDesc otherType = ClassDesc.of(other);
            return fault("makes " + other + " for " + made, (element, code) -> {
                if (element instanceof NewObjectInstruction make
                        && make.className().asSymbol().equals(madeType)) {
                    code.new_(otherType);
                    return true;
                }
                if (element instanceof InvokeInstruction call
                        && call.name().equalsString("<init>")
                        && call.owner().asSymbol().equals(madeType)) {
                    code.invokespecial(otherType, "<init>", call.typeSymbol());
                    return true;
                }
                return false;
            });
        }

        /** Does something more before it returns, with what it returns on the stack. */
        Fault beforeItReturns(String what, Consumer<CodeBuilder> more) {
            return fault(what, (element, code) -> {
                if (!(element instanceof ReturnInstruction)) {
                    return false;
                }
                more.accept(code);
                code.with(element);
                return true;
            });
        }

        /** A field is not written. */
        Fault dropsWrite(String field) {
            return fault("does not set " + field, (element, code) -> {
                if (!(element instanceof FieldInstruction write)
                        || write.opcode() != Opcode.PUTFIELD
                        || !write.name().equalsString(field)) {
                    return false;
                }
                pop(code, write.typeSymbol());
                code.pop();
                return true;
            });
        }

        /** Reads another field of the same class and type. */
        Fault readsInstead(String field, String other) {
            return atRead(
                    field,
                    "reads " + other + " for " + field,
                    (read, code) -> code.getfield(read.owner().asSymbol(), other, read.typeSymbol()));
        }

        /** A field is taken to have this value: 1 for true. */
        Fault takes(String field, int value) {
            return atRead(field, "takes " + value + " for " + field, (read, code) -> {
                code.pop();
                push(code, read.typeSymbol(), value);
            });
        }

        /** Writes something in place of the instruction that reads a field. */
        Fault atRead(String field, String what, BiConsumer<FieldInstruction, CodeBuilder> instead) {
            return fault(what, (element, code) -> {
                if (!(element instanceof FieldInstruction read)
                        || read.opcode() != Opcode.GETFIELD
                        || !read.name().equalsString(field)) {
                    return false;
                }
                instead.accept(read, code);
                return true;
            });
        }

        /** The condition of one branch, counted from 1, is turned round. */
        Fault turnsCondition(int number) {
            return new Fault(type, method, "turns its condition " + number, () -> {
                AtomicInteger seen = new AtomicInteger();
                return (element, code) -> {
                    if (!(element instanceof BranchInstruction branch)
                            || isGoto(branch)
                            || seen.incrementAndGet() != number) {
                        return false;
                    }
                    code.branch(turned(branch.opcode()), branch.target());
                    return true;
                };
            });
        }

        private static boolean isGoto(BranchInstruction branch) {
            return branch.opcode() == Opcode.GOTO || branch.opcode() == Opcode.GOTO_W;
        }

        private static Opcode turned(Opcode opcode) {
            return switch (opcode) {
                case IFEQ -> Opcode.IFNE;
                case IFNE -> Opcode.IFEQ;
                case IFLT -> Opcode.IFGE;
                case IFGE -> Opcode.IFLT;
                case IFGT -> Opcode.IFLE;
                case IFLE -> Opcode.IFGT;
                case IFNULL -> Opcode.IFNONNULL;
                case IFNONNULL -> Opcode.IFNULL;
                case IF_ICMPEQ -> Opcode.IF_ICMPNE;
                case IF_ICMPNE -> Opcode.IF_ICMPEQ;
                case IF_ICMPLT -> Opcode.IF_ICMPGE;
                case IF_ICMPGE -> Opcode.IF_ICMPLT;
                case IF_ICMPGT -> Opcode.IF_ICMPLE;
                case IF_ICMPLE -> Opcode.IF_ICMPGT;
                case IF_ACMPEQ -> Opcode.IF_ACMPNE;
                case IF_ACMPNE -> Opcode.IF_ACMPEQ;
                default -> throw new IllegalArgumentException("not a condition: " + opcode);
            };
        }

        /** One number stands where there was another, of the same type. */
        Fault says(Number other, Number number) {
            return fault("says " + other + " for " + number, (element, code) -> {
                if (!(element instanceof ConstantInstruction constant)
                        || !constant.constantValue().equals(number)) {
                    return false;
                }
                code.loadConstant((ConstantDesc) other);
                return true;
            });
        }

        /** Does nothing and returns. */
        Fault doesNothing() {
            return does("does nothing", CodeBuilder::return_);
        }

        /** Does nothing and returns this: 1 for true. */
        Fault answers(int value) {
            return does("returns " + value, code -> code.loadConstant(value).ireturn());
        }

        /** Does something else in place of all that it does. */
        Fault does(String what, Consumer<CodeBuilder> body) {
            return new Fault(type, method, what, () -> {
                AtomicBoolean begun = new AtomicBoolean();
                return (_, code) -> {
                    if (!begun.getAndSet(true)) {
                        body.accept(code);
                    }
                    return true;
                };
            });
        }

        private static void pop(CodeBuilder code, ClassDesc type) {
            if (TypeKind.from(type).slotSize() == 2) {
                code.pop2();
            } else {
                code.pop();
            }
        }

        private static void push(CodeBuilder code, ClassDesc type, long value) {
            switch (TypeKind.from(type).asLoadable()) {
                case INT -> code.loadConstant((int) value);
                case LONG -> code.loadConstant(value);
                case REFERENCE -> code.aconst_null();
                case VOID -> {}
                default -> throw new IllegalArgumentException("no number is a " + type);
            }
        }
    }
}
