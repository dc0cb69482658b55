package dev.holdfast.testkit.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Loads the log with instrumentation. In the packages that an append uses, every allocation and every call of an
 * allocating JDK method first calls {@link Memory#ask}. A test can thus make memory run out at any step, and the code
 * under test does not notice.
 */
final class StarvingLoader extends ClassLoader {
    private static final String OURS = "dev.holdfast.";
    private static final String[] STARVING = {
        "dev.holdfast.wal.commit.",
        "dev.holdfast.wal.engine.",
        "dev.holdfast.wal.format.",
        "dev.holdfast.wal.ids.",
        "dev.holdfast.wal.segment.",
        "dev.holdfast.wal.threads."
    };
    private static final Set<String> ALLOCATING = Set.of(
            "copyOf",
            "copyOfRange",
            "valueOf",
            "duplicate",
            "slice",
            "asReadOnlyBuffer",
            "allocate",
            "allocateDirect",
            "ensureCapacity",
            "execute",
            "format",
            "toArray",
            "iterator",
            "stream",
            "subList",
            "of",
            "add",
            "addAll",
            "forEach",
            "removeAll",
            "failedFuture",
            "madeInAdvance",
            "completedFuture");

    StarvingLoader() {
        super(StarvingLoader.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes;
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        byte[] code = starves(name) ? starving(bytes) : bytes;
        return defineClass(name, code, 0, code.length);
    }

    private static boolean starves(String name) {
        for (String room : STARVING) {
            if (name.startsWith(room)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] starving(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
                        return name.equals("<clinit>") ? method : new Asking(method);
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static final class Asking extends MethodVisitor {
        Asking(MethodVisitor method) {
            super(Opcodes.ASM9, method);
        }

        private void ask() {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, Type.getInternalName(Memory.class), "ask", "()V", false);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            super.visitTypeInsn(opcode, type);
            // The call is inserted after the instruction, because stack frames refer to the instruction by a label
            // directly before it.
            if (opcode == Opcodes.NEW || opcode == Opcodes.ANEWARRAY) {
                ask();
            }
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            if (opcode == Opcodes.NEWARRAY) {
                ask();
            }
            super.visitIntInsn(opcode, operand);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            ask();
            super.visitInvokeDynamicInsn(name, descriptor, bootstrap, arguments);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (owner.startsWith("java/") && ALLOCATING.contains(name)) {
                ask();
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }
    }
}
